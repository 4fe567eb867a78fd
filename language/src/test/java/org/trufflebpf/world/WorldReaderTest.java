package org.trufflebpf.world;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.failure.Failure;

class WorldReaderTest {
    /** Each description has one mistake, which the message names with its place. */
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "{; e.json:1:2: Unexpected end-of-input",
                "[]; e.json:1: expected the environment: an object {...}, found an array",
                "{} {}; e.json:1: expected the end of the file",
                "{\"task\": []}; e.json:1: task: 'task' is no member of the environment; its"
                        + " members are cgroups,",
                "{\"tasks\": 1}; e.json:1: tasks: expected an array [...], found 1",
                "{\"tasks\": [{}]}; e.json:1: tasks[0]: 'pid' is missing",
                "{\"tasks\": [{\"pid\": \"x\"}]}; e.json:1: tasks[0].pid: expected a whole number"
                        + " from 1 to 4194304, found \"x\"",
                "{\"tasks\": [{\"pid\": 1, \"name\": 2}]}; e.json:1: tasks[0].name: 'name' is no"
                        + " member of a task",
                "{\"tasks\": [{\"pid\": 1}, {\"pid\": 1}]}; e.json:1: tasks[1]: a second task has"
                        + " the pid 1",
                "{\"tasks\": [{\"pid\": 1, \"comm\": \"0123456789abcdef\"}]}; e.json:1: tasks[0]:"
                        + " the comm '0123456789abcdef' has more than 15 bytes",
                "{\"current\": 7}; e.json:1: 'current' is 7, but no task has that pid",
                "{\"tasks\": [{\"pid\": 1, \"cgroup\": \"x\"}]}; e.json:1: tasks[0].cgroup:"
                        + " expected the path of a cgroup",
                "{\"cgroups\": [{\"path\": \"/a\"}, {\"path\": \"/a/\"}]}; e.json:1: cgroups[1]: /a"
                        + " is described twice",
                "{\"sockets\": [{\"local\": \"10.0.0.1\"}]}; e.json:1: sockets[0].local: expected"
                        + " address:port",
                "{\"sockets\": [{\"local\": \"[::1]:1\", \"remote\": \"10.0.0.1:2\"}]}; e.json:1:"
                        + " sockets[0]: 'local' and 'remote' are of different families",
                "{\"sockets\": [{\"local\": \"1.1.1.1:1\", \"state\": \"open\"}]}; e.json:1:"
                        + " sockets[0].state: expected one of established,",
                "{\"interfaces\": [{\"index\": 2, \"name\": \"a\", \"mac\": \"1:2\"}]}; e.json:1:"
                        + " interfaces[0].mac: expected six bytes",
                "{\"interfaces\": [{\"index\": 2, \"name\": \"a\", \"addresses\":"
                        + " [\"1.2.3.4/33\"]}]}; e.json:1: interfaces[0].addresses[0]: expected an"
                        + " address with its prefix length",
                "{\"routes\": [{\"to\": \"0.0.0.0/0\", \"dev\": \"eth0\"}]}; e.json:1: routes[0]:"
                        + " there is no interface 'eth0'",
                "{\"neighbours\": [{\"dev\": \"lo\"}]}; e.json:1: neighbours[0]: a neighbour needs",
                "{\"memory\": [{\"name\": \"m\"}]}; e.json:1: memory[0]: memory needs one of"
                        + " 'type'",
                "{\"memory\": [{\"name\": \"m\", \"bytes\": \"abc\"}]}; e.json:1: memory[0].bytes:"
                        + " expected hexadecimal digits",
                "{\"symbols\": [{\"name\": \"s\"}]}; e.json:1: symbols[0]: 'address' is missing",
                "{\"hz\": 250, \"hz\": 100}; e.json:1:17: Duplicate field 'hz'",
            })
    void saysWhatIsWrong(String json, String message) {
        BpfException e =
                assertThrows(BpfException.class, () -> WorldReader.read("e.json", json.strip()));
        assertEquals(Failure.USAGE, e.failure());
        assertEquals(
                message,
                e.getMessage().substring(0, Math.min(message.length(), e.getMessage().length())));
    }

    @Test
    void tellsTheLine() {
        BpfException e =
                assertThrows(
                        BpfException.class,
                        () -> WorldReader.read("e.json", "{\n  \"tasks\": [\n{\"pid\": 0}]}"));
        assertEquals(
                "e.json:3: tasks[0].pid: expected a whole number from 1 to 4194304, found 0",
                e.getMessage());
    }

    @Test
    void theDefaultIsALoopbackDeviceAndOneTask() {
        WorldSpec world = WorldSpec.DEFAULT;
        assertEquals("ebpf-run", world.tasks().getFirst().comm());
        assertEquals(1, world.current());
        assertEquals("lo", world.interfaces().getFirst().name());
        assertEquals(65536, world.interfaces().getFirst().mtu());
    }
}
