package org.trufflebpf.link;

import org.trufflebpf.btf.Btf;
import org.trufflebpf.btf.BtfExt;
import org.trufflebpf.elf.ElfFile;
import org.trufflebpf.elf.ElfSection;
import org.trufflebpf.failure.BpfException;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Links objects statically, by the rules of libbpf's {@code bpf_linker}. */
public final class ObjectLinker {
    private ObjectLinker() {}

    /**
     * An object to be linked.
     *
     * @param name for messages
     * @param bytes of the file
     */
    @SuppressWarnings("ArrayRecordComponent")
    public record Input(String name, byte[] bytes) {}

    /**
     * Links objects in their order; a single one is left as it is.
     *
     * @throws BpfException if an object is malformed, or if they do not fit together
     */
    public static byte[] link(List<Input> inputs) {
        if (inputs.size() == 1) {
            return inputs.getFirst().bytes();
        }
        List<LinkInput> objects = new ArrayList<>();
        for (Input input : inputs) {
            ElfFile elf = ElfFile.parse(input.name(), input.bytes());
            if (!objects.isEmpty() && elf.order() != objects.getFirst().elf().order()) {
                throw BpfException.malformed(
                        elf.where(),
                        "is "
                                + elf.order()
                                + ", but "
                                + objects.getFirst().elf().name()
                                + " is not: objects of one byte order can be linked");
            }
            objects.add(open(elf));
        }
        return link(objects, objects.getFirst());
    }

    private static LinkInput open(ElfFile elf) {
        ElfSection btfSection = elf.section(".BTF");
        if (btfSection == null || btfSection.size() == 0) {
            return new LinkInput(elf, null, BtfExt.empty());
        }
        Btf btf = Btf.parse(elf.contents(btfSection));
        ElfSection ext = elf.section(".BTF.ext");
        return new LinkInput(
                elf, btf, ext == null ? BtfExt.empty() : BtfExt.parse(elf.contents(ext), btf));
    }

    private static byte[] link(List<LinkInput> objects, LinkInput first) {
        LinkedSections sections = new LinkedSections(first.elf().order());
        LinkedSymbols symbols = new LinkedSymbols(sections);
        for (LinkInput object : objects) {
            sections.add(object);
        }
        for (LinkInput object : objects) {
            symbols.add(object);
        }
        for (LinkInput object : objects) {
            new RelocationMerger(object, sections, symbols).merge();
        }
        Map<String, byte[]> btf = new LinkedHashMap<>();
        if (objects.stream().anyMatch(object -> object.btf() != null)) {
            BtfMerger merger = new BtfMerger(objects, sections);
            btf.put(".BTF.ext", new BtfExtMerger(objects, sections, merger).bytes());
            btf.put(".BTF", merger.bytes());
        }
        return new ElfWriter(first.elf().order()).write(sections, symbols, btf);
    }
}
