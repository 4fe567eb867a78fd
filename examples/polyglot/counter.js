// Counts the packets of a capture with the BPF program xdp_counter, from JavaScript.
const Files = Java.type('java.nio.file.Files');
const Path = Java.type('java.nio.file.Path');

const object = Polyglot.evalFile('ebpf', 'examples/xdp_counter.o');
const count = object.programs.count;

// A capture: 24 bytes, then for each packet 16 bytes (its length at 8) and the packet.
const capture = new Uint8Array(Java.from(Files.readAllBytes(Path.of('examples/http.pcap'))));
const view = new DataView(capture.buffer);
const verdicts = {};
for (let at = 24; at < capture.length; ) {
    const length = view.getUint32(at + 8, true);
    const packet = capture.subarray(at + 16, at + 16 + length);
    const verdict = count(packet).verdict;
    verdicts[verdict] = (verdicts[verdict] ?? 0) + 1;
    at += 16 + length;
}

console.log(JSON.stringify(verdicts));
for (const entry of object.maps.counters.entries()) {
    console.log(entry.keyText, entry.valueText);
}
