/**
 * BPF Type Format. The {@code .BTF} and {@code .BTF.ext} sections (or a raw BTF file such as {@code
 * /sys/kernel/btf/vmlinux}) enter; types by id, and function, line and CO-RE records leave. A
 * parsed BTF is immutable and every type id in it is in range.
 */
package org.trufflebpf.btf;
