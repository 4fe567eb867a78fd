#!/usr/bin/env python3
"""Writes the inputs of the examples, the same bytes each time:

http.pcap      20 frames: ARP, DNS, a TCP connection with one HTTP request, UDP, IPv6, VLAN
nat.pcap       5 frames as a NAT sees them come in: the client's to the published address, the server's own replies
http_get.bin   the frame with the HTTP request
skb.bin        a struct __sk_buff with priority 1 and cb[0] = 7, for --ctx-in

Names and addresses are those for documentation (RFC 2606, 5737, 3849, 7042).
"""

import ipaddress
import os
import struct

CLIENT_MAC = bytes.fromhex("00005e005301")
SERVER_MAC = bytes.fromhex("00005e005302")
CLIENT, SERVER, RESOLVER, STRANGER = "192.0.2.10", "198.51.100.80", "198.51.100.53", "203.0.113.66"
CLIENT6, SERVER6 = "2001:db8::10", "2001:db8:1::80"
BROADCAST = b"\xff" * 6

TCP, UDP, ICMP, ICMPV6 = 6, 17, 1, 58
FIN, SYN, PSH, ACK = 1, 2, 8, 16


def address(text):
    return ipaddress.ip_address(text).packed


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total & 0xFFFF) + (total >> 16)
    total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def pseudo_header(source, dest, protocol, length):
    if ":" in source:
        return address(source) + address(dest) + struct.pack("!IxxxB", length, protocol)
    return address(source) + address(dest) + struct.pack("!xBH", protocol, length)


def with_checksum(segment, at, source, dest, protocol):
    """A transport segment with the checksum in its field, which holds zero so far."""
    value = checksum(pseudo_header(source, dest, protocol, len(segment)) + segment)
    if protocol == UDP and value == 0:
        value = 0xFFFF
    return segment[:at] + struct.pack("!H", value) + segment[at + 2:]


def udp(source, dest, source_port, dest_port, payload):
    segment = struct.pack("!HHHH", source_port, dest_port, 8 + len(payload), 0) + payload
    return with_checksum(segment, 6, source, dest, UDP)


def tcp(source, dest, source_port, dest_port, seq, ack, flags, payload=b""):
    segment = struct.pack("!HHIIBBHHH", source_port, dest_port, seq, ack, 5 << 4, flags, 64240, 0, 0) + payload
    return with_checksum(segment, 16, source, dest, TCP)


def echo(kind, sequence):
    message = struct.pack("!BBHHH", kind, 0, 0, 1, sequence) + bytes(range(32))
    return message[:2] + struct.pack("!H", checksum(message)) + message[4:]


identification = 0


def ip(source, dest, protocol, segment):
    """An IPv4 or IPv6 packet, with its EtherType."""
    global identification
    if ":" in source:
        header = struct.pack("!IHBB", 6 << 28, len(segment), protocol, 64)
        return 0x86DD, header + address(source) + address(dest) + segment
    identification += 1
    header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(segment), identification, 0x4000, 64, protocol, 0)
    header += address(source) + address(dest)
    header = header[:10] + struct.pack("!H", checksum(header)) + header[12:]
    return 0x0800, header + segment


def ethernet(source, dest, packet, vlan=None):
    ether_type, payload = packet
    tag = b"" if vlan is None else struct.pack("!HH", 0x8100, vlan)
    frame = dest + source + tag + struct.pack("!H", ether_type) + payload
    return frame.ljust(60, b"\0")


def request(packet, vlan=None):
    return ethernet(CLIENT_MAC, SERVER_MAC, packet, vlan)


def reply(packet, vlan=None):
    return ethernet(SERVER_MAC, CLIENT_MAC, packet, vlan)


def arp(operation, source_mac, source, dest_mac, dest):
    return 0x0806, (struct.pack("!HHBBH", 1, 0x0800, 6, 4, operation)
                    + source_mac + address(source) + dest_mac + address(dest))


def dns_name(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"


def dns_query(number, name):
    return struct.pack("!HHHHHH", number, 0x0100, 1, 0, 0, 0) + dns_name(name) + struct.pack("!HH", 1, 1)


def dns_answer(number, name, result):
    return (struct.pack("!HHHHHH", number, 0x8180, 1, 1, 0, 0) + dns_name(name) + struct.pack("!HH", 1, 1)
            + struct.pack("!HHHIH", 0xC00C, 1, 1, 300, 4) + address(result))


GET = b"GET / HTTP/1.1\r\nHost: www.example.com\r\nUser-Agent: example\r\nAccept: */*\r\n\r\n"
BODY = b"<!doctype html>\n<title>Example</title>\n<h1>It works</h1>\n"
OK = (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: " + str(len(BODY)).encode() + b"\r\n\r\n" + BODY)


def frames():
    def dns(source, dest, source_port, dest_port, message):
        return ip(source, dest, UDP, udp(source, dest, source_port, dest_port, message))

    def up(seq, ack, flags, payload=b""):
        return request(ip(CLIENT, SERVER, TCP, tcp(CLIENT, SERVER, 49152, 80, seq, ack, flags, payload)))

    def down(seq, ack, flags, payload=b""):
        return reply(ip(SERVER, CLIENT, TCP, tcp(SERVER, CLIENT, 80, 49152, seq, ack, flags, payload)))

    yield ethernet(CLIENT_MAC, BROADCAST, arp(1, CLIENT_MAC, CLIENT, b"\0" * 6, "192.0.2.1"))
    yield reply(arp(2, SERVER_MAC, "192.0.2.1", CLIENT_MAC, CLIENT))
    yield request(dns(CLIENT, RESOLVER, 53001, 53, dns_query(0x1001, "www.example.com")))
    yield reply(dns(RESOLVER, CLIENT, 53, 53001, dns_answer(0x1001, "www.example.com", SERVER)))
    client, server = 1000, 9000
    yield up(client, 0, SYN)
    yield down(server, client + 1, SYN | ACK)
    client, server = client + 1, server + 1
    yield up(client, server, ACK)
    yield up(client, server, PSH | ACK, GET)
    client += len(GET)
    yield down(server, client, ACK)
    yield down(server, client, PSH | ACK, OK)
    server += len(OK)
    yield up(client, server, FIN | ACK)
    yield down(server, client + 1, FIN | ACK)
    yield up(client + 1, server + 1, ACK)
    yield request(dns(CLIENT, RESOLVER, 53002, 53, dns_query(0x1002, "ntp.example.net")))
    yield reply(dns(STRANGER, CLIENT, 123, 123, bytes.fromhex("24") + bytes(47)))
    yield request(ip(CLIENT, SERVER, ICMP, echo(8, 1)))
    yield reply(ip(SERVER, CLIENT, ICMP, echo(0, 1)))
    yield request(dns(CLIENT6, SERVER6, 40000, 443, bytes(64)))
    yield request(ip(CLIENT6, SERVER6, TCP, tcp(CLIENT6, SERVER6, 49153, 443, 2000, 0, SYN)))
    yield request(dns(CLIENT, SERVER, 40001, 514, b"<14>example: a message"), vlan=100)


def nat_frames():
    server = "203.0.113.80"

    def up(seq, ack, flags, payload=b""):
        return request(ip(CLIENT, SERVER, TCP, tcp(CLIENT, SERVER, 49152, 80, seq, ack, flags, payload)))

    def down(seq, ack, flags, payload=b""):
        return reply(ip(server, CLIENT, TCP, tcp(server, CLIENT, 8080, 49152, seq, ack, flags, payload)))

    yield up(1000, 0, SYN)
    yield down(9000, 1001, SYN | ACK)
    yield up(1001, 9001, ACK)
    yield up(1001, 9001, PSH | ACK, GET)
    yield down(9001, 1001 + len(GET), PSH | ACK, OK)


def write(name, data):
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), name), "wb") as file:
        file.write(data)


def capture(packets):
    data = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
    for number, frame in enumerate(packets):
        data += struct.pack("<IIII", 1700000000, number * 1000, len(frame), len(frame)) + frame
    return data


def main():
    packets = list(frames())
    write("http.pcap", capture(packets))
    write("nat.pcap", capture(nat_frames()))
    write("http_get.bin", packets[7])
    context = bytearray(192)
    struct.pack_into("<I", context, 32, 1)
    struct.pack_into("<I", context, 48, 7)
    write("skb.bin", bytes(context))


if __name__ == "__main__":
    main()
