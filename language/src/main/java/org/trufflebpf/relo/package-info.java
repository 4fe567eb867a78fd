/**
 * Loading into an environment. A {@link org.trufflebpf.object.ProgramSpec} and a target BTF enter;
 * a {@link org.trufflebpf.relo.LoadedProgram} leaves, its CO-RE records resolved as libbpf does,
 * its references to the kernel bound or poisoned.
 */
package org.trufflebpf.relo;
