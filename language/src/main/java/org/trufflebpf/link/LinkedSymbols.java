package org.trufflebpf.link;

import org.trufflebpf.elf.ElfSymbol;
import org.trufflebpf.failure.BpfException;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The symbols of the result. Of a global one that several objects know, the definition counts; a
 * strong definition comes before weak ones, the first of these before later ones, and two strong
 * ones are a mistake.
 */
final class LinkedSymbols {
    /** A symbol of the result; {@code null} as section means that it is undefined. */
    static final class Symbol {
        final String name;
        int bind;
        int type;
        boolean hidden;
        LinkedSections.Section section;
        long value;
        long size;
        private LinkInput definer;

        /** Number in the result's symbol table, once it is written. */
        int index;

        private Symbol(String name) {
            this.name = name;
        }

        boolean isDefined() {
            return section != null;
        }
    }

    private record Key(LinkInput object, int symbol) {}

    private final LinkedSections sections;
    private final Map<LinkedSections.Section, Symbol> ofSections = new LinkedHashMap<>();
    private final List<Symbol> locals = new ArrayList<>();
    private final Map<String, Symbol> globals = new LinkedHashMap<>();
    private final Map<Key, Symbol> places = new HashMap<>();

    LinkedSymbols(LinkedSections sections) {
        this.sections = sections;
    }

    void add(LinkInput object) {
        for (ElfSymbol symbol : object.elf().symbols()) {
            if (symbol.index() == 0 || symbol.type() == ElfSymbol.FILE) {
                continue;
            }
            LinkedSections.Place place =
                    symbol.isDefined() ? sections.place(object, symbol.section()) : null;
            if (place == null && !symbol.isExtern()) {
                continue;
            }
            Symbol added;
            if (symbol.type() == ElfSymbol.SECTION) {
                added = ofSection(place.section());
            } else if (symbol.isLocal()) {
                added = new Symbol(symbol.name());
                define(added, object, symbol, place);
                locals.add(added);
            } else {
                added = global(object, symbol, place);
            }
            places.put(new Key(object, symbol.index()), added);
        }
    }

    private Symbol ofSection(LinkedSections.Section section) {
        return ofSections.computeIfAbsent(
                section,
                of -> {
                    Symbol symbol = new Symbol("");
                    symbol.bind = ElfSymbol.LOCAL;
                    symbol.type = ElfSymbol.SECTION;
                    symbol.section = of;
                    return symbol;
                });
    }

    private Symbol global(LinkInput object, ElfSymbol from, LinkedSections.Place place) {
        Symbol known = globals.get(from.name());
        if (known == null) {
            known = new Symbol(from.name());
            define(known, object, from, place);
            globals.put(from.name(), known);
            return known;
        }
        known.hidden |= from.hidden();
        boolean weak = from.bind() == ElfSymbol.WEAK;
        if (place == null) {
            if (!known.isDefined() && !weak) {
                known.bind = ElfSymbol.GLOBAL;
            }
        } else if (!known.isDefined() || (known.bind == ElfSymbol.WEAK && !weak)) {
            boolean hidden = known.hidden;
            define(known, object, from, place);
            known.hidden = hidden;
        } else if (!weak) {
            throw BpfException.malformed(
                    object.elf().where(),
                    "conflicting non-weak symbol '"
                            + from.name()
                            + "', which "
                            + known.definer.elf().name()
                            + " defines too");
        }
        return known;
    }

    private static void define(
            Symbol symbol, LinkInput object, ElfSymbol from, LinkedSections.Place place) {
        symbol.bind = from.bind();
        symbol.type = from.type();
        symbol.hidden = from.hidden();
        symbol.section = place == null ? null : place.section();
        symbol.value = place == null ? 0 : place.offset() + from.value();
        symbol.size = from.size();
        symbol.definer = object;
    }

    /** The symbol that one of an object became, or {@code null} if it was left behind. */
    Symbol of(LinkInput object, ElfSymbol symbol) {
        return places.get(new Key(object, symbol.index()));
    }

    /** Local symbols, which come first, then the others; numbers them from 1 on. */
    List<Symbol> numbered() {
        List<Symbol> all = new ArrayList<>(ofSections.values());
        all.addAll(locals);
        all.addAll(globals.values());
        for (int i = 0; i < all.size(); i++) {
            all.get(i).index = i + 1;
        }
        return all;
    }

    int localCount() {
        return ofSections.size() + locals.size();
    }
}
