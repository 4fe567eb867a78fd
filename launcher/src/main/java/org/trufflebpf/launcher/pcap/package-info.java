/**
 * Packet captures: a stream of bytes enters, packets leave, one at a time and in constant memory;
 * or packets enter and a capture leaves. Every declared length is checked before it is believed,
 * and a wrong one is told with its offset.
 */
package org.trufflebpf.launcher.pcap;
