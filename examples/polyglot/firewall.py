# Runs the BPF program firewall on the packets of a capture, with rules that are set from Python.
import polyglot
import struct

object = polyglot.eval(path="examples/firewall.o", language="ebpf")
firewall = object.programs.firewall
rules = object.maps.rules
for prefix, action in {"198.51.100.0/24": "ALLOW", "198.51.100.53/32": "DENY", "203.0.113.0/24": "DENY"}.items():
    rules.set(prefix, "{action=%s}" % action)

# A capture: 24 bytes, then for each packet 16 bytes (its length at 8) and the packet.
with open("examples/http.pcap", "rb") as file:
    capture = file.read()
verdicts = {}
at = 24
while at < len(capture):
    (length,) = struct.unpack_from("<I", capture, at + 8)
    verdict = str(firewall(capture[at + 16 : at + 16 + length]).verdict)
    verdicts[verdict] = verdicts.get(verdict, 0) + 1
    at += 16 + length

print(verdicts)
for entry in rules.entries():
    print(entry.keyText, entry.valueText)
