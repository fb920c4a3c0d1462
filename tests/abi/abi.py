#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Compare our statement of the Xen ABI with Xen's public headers.

The list of what to compare is read from our headers, never kept by hand:
macros from the preprocessor, structures, unions, enumerations and typedefs from
the debug information of a file that includes every header. It becomes a table
of C expressions. The table is compiled once with our headers and once with
Xen's; the two programs print names and values, which must be equal.

What fails the test:
  - a value that differs (constant, size, alignment, offset, signedness, type);
  - a name of ours that Xen's headers lack;
  - a name of Xen's that ours lack and the file "omitted" does not explain;
  - a macro that no comparison covers and UNCOMPARED does not explain;
  - a table that is too small, or without anything from some header;
  - a header that does not compile alone, in C or (where promised) in assembly;
  - a constant with another value in assembly than in C;
  - different behaviour of the macros for rings (behaviour.c);
  - Xen's client libraries not compiling with our headers (clients.c).
"""

import argparse
import fnmatch
import pathlib
import re
import struct
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
CC = "gcc"
CFLAGS = ["-std=gnu17", "-ffreestanding", "-Wall", "-Wextra", "-Werror"]
XEN_FLAGS = ["-D__XEN_TOOLS__"]

# The least that the table may contain. It is larger; but a generator that
# silently finds nothing would agree with anything.
LEAST = {"constant": 1200, "string": 10, "type": 1400, "field": 5000}

# These are included by assembly, all their constants too.
ASSEMBLY = """
    xen.h arch-x86/xen.h arch-x86/xen-x86_64.h elfnote.h features.h sched.h
    event_channel.h vcpu.h memory.h version.h callback.h nmi.h physdev.h errno.h
    grant_table.h
""".split()

# Macros without a value to compare, and why that is right.
UNCOMPARED = {
    "*_H": "include guard",
    "*_H__": "include guard",
    "*_FLEX_ARRAY_DIM": "empty; behind fields that are compared",
    "xen_wc_sec_hi": "the name of a field; used in behaviour.c",
    "GNTTABOP_error_msgs": "text for people",
    "DEFINE_XEN_GUEST_HANDLE": "declares; its handles are compared",
    "__DEFINE_XEN_GUEST_HANDLE": "declares; its handles are compared",
    "___DEFINE_XEN_GUEST_HANDLE": "declares; its handles are compared",
    "*XEN_GUEST_HANDLE*": "names a handle; handles are compared",
    "set_xen_guest_handle*": "assigns; used in behaviour.c",
    "TI_*": "takes a structure; used in behaviour.c",
    "XEN_DEFINE_UUID*": "an initialiser; used in behaviour.c",
    "MASK_XENCONS_IDX": "takes an array; used in behaviour.c",
    "x86_mcinfo_*": "takes a report; used in behaviour.c",
    "TRC_SCHED_CLASS_EVT": "pastes a name; used in behaviour.c",
    "DEFINE_RING_TYPES": "declares; its rings are compared",
    "*RING_*": "takes a ring; used in behaviour.c",
    "XSD_ERROR": "an initialiser; used in behaviour.c",
    "xen_mk_*": "adds a suffix; behind constants that are compared",
    "__xen_mk_*": "adds a suffix; behind constants that are compared",
}


def run(command, **keywords):
    """Run a command and return its result, output as text."""
    return subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **keywords
    )


def must(command, **keywords):
    """Run a command that has no business failing."""
    result = run(command, **keywords)
    if result.returncode:
        sys.exit("abi: failed: %s\n%s" % (" ".join(map(str, command)), result.stderr))
    return result.stdout


class Headers:
    """One of the two sets of headers: what it defines, found by the compiler."""

    def __init__(self, name, include, flags, headers, build):
        self.name = name
        self.flags = CFLAGS + flags + ["-I", str(include)]
        self.build = build
        self.prelude = "#include <stddef.h>\n#include <stdint.h>\n"
        self.text = self.prelude + "".join("#include <xen/%s>\n" % h for h in headers)
        self.macros = self.find_macros()
        self.dies = self.find_dies(self.text)
        self.types = self.find_types()

    def source(self, stem, text):
        path = self.build / ("%s-%s.c" % (stem, self.name))
        path.write_text(text)
        return path

    def preprocess(self, text, language="c"):
        """Macros that a text leaves defined: name -> parameters, or None."""
        command = [CC, *self.flags, "-x", language, "-E", "-dM", "-"]
        macros = {}
        for line in must(command, input=text).splitlines():
            match = re.match(r"#define (\w+)(?:\(([^)]*)\))?( |$)", line)
            parameters = match.group(2)
            if parameters is not None:
                parameters = [p for p in parameters.split(",") if p.strip()]
            macros[match.group(1)] = parameters
        return macros

    def find_macros(self):
        before = self.preprocess(self.prelude)
        return {k: v for k, v in self.preprocess(self.text).items() if k not in before}

    def find_dies(self, text):
        """The debug information: a list of entries in their order."""
        source = self.source("types", text)
        object_file = source.with_suffix(".o")
        debug = ["-g", "-gdwarf-4", "-O0", "-fno-eliminate-unused-debug-types"]
        must([CC, *self.flags, *debug, "-c", source, "-o", object_file])
        dump = must(["readelf", "--wide", "--debug-dump=info", object_file])
        return parse_dies(dump)

    def find_types(self):
        """Named types of these headers: (keyword, name) -> entry."""
        before = self.named(self.find_dies(self.prelude))
        named = self.named(self.dies)
        return {k: v for k, v in named.items() if k not in before}

    @staticmethod
    def named(dies):
        types = {}
        for die in dies.values():
            keyword = KEYWORDS.get(die["tag"])
            if keyword is not None and "name" in die and "declaration" not in die:
                types.setdefault((keyword, die["name"]), die)
        return types

    def enumerators(self):
        return [d["name"] for d in self.dies.values() if d["tag"] == "enumerator"]

    def strip(self, die):
        """The type behind typedefs and qualifiers; None is void."""
        while die is not None and die["tag"] in (
            "typedef",
            "const_type",
            "volatile_type",
        ):
            die = self.dies.get(die.get("type"))
        return die

    def members(self, die, path=""):
        """Fields of a structure or union: (path, entry, type), also within
        nested types that have no name of their own."""
        for child in die["children"]:
            if child["tag"] != "member":
                continue
            member_type = self.dies[child["type"]]
            nested = member_type["tag"] in ("structure_type", "union_type")
            if "name" not in child:
                yield from self.members(member_type, path)
                continue
            name = path + child["name"]
            yield name, child, member_type
            if nested and "name" not in member_type:
                yield from self.members(member_type, name + ".")


KEYWORDS = {
    "structure_type": "struct",
    "union_type": "union",
    "enumeration_type": "enum",
    "typedef": "typedef",
}


def parse_dies(dump):
    """Parse readelf's text: offset -> tag, name, type, children..."""
    dies, stack, die = {}, {}, None
    for line in dump.splitlines():
        head = re.match(
            r"\s*<(\w+)><(\w+)>: Abbrev Number: \d+(?: \(DW_TAG_(\w+)\))?", line
        )
        if head:
            die = None
            if head.group(3):
                depth = int(head.group(1), 16)
                die = {"tag": head.group(3), "children": []}
                dies[int(head.group(2), 16)] = die
                stack[depth] = die
                if depth:
                    stack[depth - 1]["children"].append(die)
            continue
        attribute = re.match(r"\s*<\w+>\s+DW_AT_(\w+)\s*: (.*)", line)
        if attribute and die is not None:
            key, value = attribute.group(1), attribute.group(2).strip()
            # Versions of readelf say more or less about how a value is stored.
            value = re.sub(
                r"^\((?:strp|line_strp|string|data\d+|ref\d+|flag\w*)\) ", "", value
            )
            value = re.sub(r"^\((?:indirect [^)]*|offset: [^)]*)\): ", "", value)
            if key == "type":
                value = int(re.search(r"<0x(\w+)>", value).group(1), 16)
            die[key] = value
    return dies


def classify(headers, names, template):
    """Which names the compiler accepts in a template, each on a line of its own.

    One error can hide another, on the next line; so until there is none.
    """
    lines = headers.text.count("\n")
    while True:
        text = "".join(template % {"n": n, "i": i} for i, n in enumerate(names))
        bad = errors(headers, "classify", headers.text + text)
        if not bad:
            return names
        names = [n for i, n in enumerate(names) if lines + 1 + i not in bad]


def errors(headers, stem, text):
    """Compile a text; line -> first error."""
    source = headers.source(stem, text)
    quiet = [
        "-Wno-error",
        "-w",
        "-fsyntax-only",
        "-fmax-errors=0",
        "-ftrack-macro-expansion=0",
    ]
    result = run([CC, *headers.flags, *quiet, source])
    bad = {}
    for line in result.stderr.splitlines():
        match = re.match(r"(.*?):(\d+):(?:\d+:)? (?:fatal )?error: (.*)", line)
        if match and match.group(1) == str(source):
            bad.setdefault(int(match.group(2)), match.group(3))
        elif match:
            sys.exit("abi: error within headers: " + line)
    return bad


def make_table(ours):
    """What to compare: (kind, name, C expression) of everything ours defines."""
    table, uncompared = [], []
    plain = sorted(n for n, p in ours.macros.items() if p is None)
    functions = sorted(n for n, p in ours.macros.items() if p is not None)

    # Macros: the compiler says what each one is.
    integer = "static const unsigned long long i%(i)d = (unsigned long long)(%(n)s);\n"
    string = 'static const char s%(i)d[] = %(n)s ""; char t%(i)d[sizeof(%(n)s)];\n'
    strings = classify(ours, plain, string)
    table += [("string", n, n) for n in strings]
    rest = [n for n in plain if n not in set(strings)]
    numbers = classify(ours, rest, integer)
    table += [("constant", n, "(%s)" % n) for n in numbers]
    rest = [n for n in rest if n not in set(numbers)]
    types = classify(ours, rest, "typedef %(n)s t%(i)d; extern %(n)s v%(i)d;\n")
    types = [
        n
        for n in types
        if n in set(classify(ours, types, "char c%(i)d[sizeof(%(n)s)];\n"))
    ]
    table += [("type", "sizeof(%s)" % n, "sizeof(%s)" % n) for n in types]
    rest = [n for n in rest if n not in set(types)]
    tags = classify(ours, rest, "char c%(i)d[sizeof(struct %(n)s)];\n")
    table += [("type", "sizeof(struct %s)" % n, "sizeof(struct %s)" % n) for n in tags]
    uncompared += [n for n in rest if n not in set(tags)]

    # Macros with parameters: with some numbers, if numbers will do.
    calls = {}
    for name in functions:
        count = len(ours.macros[name])
        for sample in ((3, 5, 9), (0x4321, 2, 6), (0x8765432112345678, 1, 2)):
            calls["%s(%s)" % (name, ", ".join(map(hex, sample[:count])))] = name
    numbers = set(classify(ours, list(calls), integer))
    table += [("constant", c, "(%s)" % c) for c in calls if c in numbers]
    uncompared += sorted(set(functions) - {calls[c] for c in numbers})

    # A constant also has a type: warnings and promotions depend on it.
    for _, name, value in [e for e in table if e[0] == "constant"]:
        table.append(("type", "sizeof(%s)" % name, "sizeof(%s)" % value))
        table.append(("type", "signed(%s)" % name, "((__typeof__(%s))-1 < 1)" % value))

    # Enumerations.
    before = set(ours.enumerators_before)
    table += [("constant", n, n) for n in ours.enumerators() if n not in before]

    # Types and fields.
    for (keyword, name), die in sorted(ours.types.items(), key=lambda item: item[0]):
        spelt = name if keyword == "typedef" else "%s %s" % (keyword, name)
        table += type_entries(ours, spelt, keyword, die)
    return table, uncompared


def type_entries(ours, spelt, keyword, die):
    """Table entries of one type, and of its fields."""
    bare = ours.strip(die)
    yield "type", "sizeof(%s)" % spelt, "sizeof(%s)" % spelt
    yield "type", "_Alignof(%s)" % spelt, "_Alignof(%s)" % spelt
    if keyword == "typedef":
        target = ours.dies.get(die.get("type"))
        target_keyword = KEYWORDS.get(target["tag"]) if target else None
        if target_keyword in ("struct", "union", "enum") and "name" in target:
            same = "%s, %s %s" % (spelt, target_keyword, target["name"])
            yield "type", "same(%s)" % same, "__builtin_types_compatible_p(%s)" % same
            return
        if bare is not None and bare["tag"] == "base_type":
            yield "type", "signed(%s)" % spelt, "((%s)-1 < 1)" % spelt
        if bare is not None and bare["tag"] == "array_type":
            yield "type", "element(%s)" % spelt, "sizeof(*(%s *)0)[0]" % spelt
    if bare is None or bare["tag"] not in ("structure_type", "union_type"):
        return
    for path, member, member_type in ours.members(bare):
        name = "%s.%s" % (spelt, path)
        value = "((%s *)0)->%s" % (spelt, path)
        if "bit_size" in member:
            yield "bits", name, "%s\n%s" % (spelt, path)
            continue
        yield "field", "offset " + name, "offsetof(%s, %s)" % (spelt, path)
        bare_member = ours.strip(member_type)
        if bare_member["tag"] == "array_type":
            yield "field", "element " + name, "sizeof(%s[0])" % value
            if not is_flexible(bare_member):
                yield "field", "size " + name, "sizeof(%s)" % value
            element = ours.strip(ours.dies[bare_member["type"]])
            if element["tag"] == "base_type":
                signed = "((__typeof__(%s[0]))-1 < 1)" % value
                yield "field", "signed " + name, signed
            continue
        yield "field", "size " + name, "sizeof(%s)" % value
        if bare_member["tag"] == "base_type":
            yield "field", "signed " + name, "((__typeof__(%s))-1 < 1)" % value
        elif bare_member["tag"] == "pointer_type":
            pointee = ours.strip(ours.dies.get(bare_member.get("type")))
            if pointee is not None:
                yield "field", "pointee " + name, "sizeof(*%s)" % value
        if "name" in member_type and member_type["tag"] in KEYWORDS:
            type_keyword = KEYWORDS[member_type["tag"]]
            type_name = member_type["name"]
            if type_keyword != "typedef":
                type_name = "%s %s" % (type_keyword, type_name)
            same = "__builtin_types_compatible_p(__typeof__(%s), %s)" % (
                value,
                type_name,
            )
            yield "field", "type %s is %s" % (name, type_name), same


def is_flexible(array):
    return not any("upper_bound" in c or "count" in c for c in array["children"])


def table_program(headers, table):
    """C text of the program that prints the table, and line -> entry."""
    lines = [l for l in headers.text.splitlines()]
    lines += ["#include <stdio.h>", "#include <string.h>"]
    lines += [
        "static const struct { const char *name; unsigned long long value; } numbers[] = {"
    ]
    where = {}

    def add(index, text):
        lines.append(text)
        where[len(lines)] = index

    for index, (kind, name, expression) in enumerate(table):
        if kind not in ("string", "bits"):
            add(index, '{ "%s", (unsigned long long)(%s) },' % (name, expression))
    lines.append("};")
    lines.append("static const struct { const char *name, *value; } strings[] = {")
    for index, (kind, name, expression) in enumerate(table):
        if kind == "string":
            add(index, '{ "%s", %s "" },' % (name, expression))
    lines += ["};", "static void bits(const char *name, const void *p, size_t n)", "{"]
    lines += ['printf("%s\\t", name);']
    lines += [
        'for (size_t i = 0; i < n; i++) printf("%02x", ((const unsigned char *)p)[i]);'
    ]
    lines += ['printf("\\n");', "}", "int main(void)", "{"]
    lines += ["for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)"]
    lines += ['printf("%s\\t%#llx\\n", numbers[i].name, numbers[i].value);']
    lines += ["for (size_t i = 0; i < sizeof(strings) / sizeof(*strings); i++)"]
    lines += ['printf("%s\\t\\"%s\\"\\n", strings[i].name, strings[i].value);']
    for index, (kind, name, expression) in enumerate(table):
        if kind == "bits":
            spelt, path = expression.split("\n")
            set_field = "{ %s s; memset(&s, 0, sizeof(s)); s.%s = ~0;" % (spelt, path)
            add(index, set_field + ' bits("bits %s", &s, sizeof(s)); }' % name)
    lines += ["return 0;", "}"]
    return "\n".join(lines) + "\n", where


def print_table(headers, table):
    """Compile and run the table; returns (name -> value, [what is lacking])."""
    good, lacking = table, []
    while True:
        text, where = table_program(headers, good)
        bad = errors(headers, "table", text)
        if not bad:
            break
        lacking += [
            "%s: %s" % (good[where[line]][1], error) for line, error in bad.items()
        ]
        good = [e for i, e in enumerate(good) if i not in {where[line] for line in bad}]
    source = headers.source("table", text)
    program = source.with_suffix("")
    must([CC, *headers.flags, "-Wno-error", "-w", source, "-o", program])
    output = must([program])
    (headers.build / ("values-%s" % headers.name)).write_text(output)
    return dict(line.split("\t") for line in output.splitlines()), lacking


def names(headers):
    """All that a set of headers names, for the comparison of coverage."""
    found = set(headers.macros) | set(headers.enumerators()) - set(
        headers.enumerators_before
    )
    for (keyword, name), die in headers.types.items():
        found.add(name)
        bare = headers.strip(die)
        if bare is not None and bare["tag"] in ("structure_type", "union_type"):
            if keyword != "typedef" or "name" not in bare:
                found |= {
                    "%s.%s" % (name, path) for path, _, _ in headers.members(bare)
                }
    return found


def check_coverage(ours, xen):
    """Every name of Xen's is ours too, or is explained in "omitted"."""
    patterns = []
    for line in (HERE / "omitted").read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            patterns.append(line.split()[0])
    problems, used, ours_names, omitted = [], set(), names(ours), 0
    for name in sorted(names(xen) - ours_names):
        if "." in name and name.split(".")[0] not in ours_names:
            continue  # a field of a structure that is left out as a whole
        match = [p for p in patterns if fnmatch.fnmatchcase(name, p)]
        used |= set(match)
        if match:
            omitted += 1
        else:
            problems.append("Xen's headers have, and ours lack: " + name)
    problems += ["omitted: nothing matches " + p for p in patterns if p not in used]
    return problems, omitted


def check_alone(ours, headers):
    """Every header compiles by itself."""
    problems = []
    for header in headers:
        languages = ["c"] + (["assembler-with-cpp"] if header in ASSEMBLY else [])
        for language in languages:
            text = "#include <xen/%s>\n" % header
            text += "extern int nothing;\n" if language == "c" else ""
            command = [CC, *ours.flags, "-x", language, "-c", "-o", "/dev/null", "-"]
            result = run(command, input=text)
            if result.returncode:
                problems.append(
                    "%s does not compile alone (%s):\n%s"
                    % (header, language, result.stderr)
                )
    return problems


def check_assembly(ours, values):
    """Constants have in assembly the value that they have in C."""
    text = "".join("#include <xen/%s>\n" % h for h in ASSEMBLY)
    language = "assembler-with-cpp"
    before = ours.preprocess("", language)
    macros = ours.preprocess(text, language)
    constants = [n for n, p in sorted(macros.items()) if n not in before and p is None]
    constants = [n for n in constants if n in values and values[n].startswith("0x")]
    constants += [
        n for n, p in sorted(macros.items()) if p is None and values.get(n) == "0"
    ]
    source = ours.build / "assembly.S"
    source.write_text(text + ".data\n" + "".join(".quad %s\n" % n for n in constants))
    object_file = source.with_suffix(".o")
    result = run([CC, *ours.flags, "-c", source, "-o", object_file])
    if result.returncode:
        return ["not usable from assembly:\n" + result.stderr], 0
    binary = source.with_suffix(".bin")
    must(["objcopy", "-O", "binary", "-j", ".data", object_file, binary])
    data = struct.unpack(
        "<%dQ" % len(constants), binary.read_bytes()[: 8 * len(constants)]
    )
    problems = []
    for name, value in zip(constants, data):
        if value != int(values[name], 16):
            problems.append(
                "%s is %s in C and %#x in assembly" % (name, values[name], value)
            )
    return problems, len(constants)


def check_behaviour(headers):
    """Output of behaviour.c with one set of headers."""
    program = headers.build / ("behaviour-%s" % headers.name)
    must([CC, *headers.flags, "-O2", "-g", HERE / "behaviour.c", "-o", program])
    return must([program])


def check_clients(ours):
    """Xen's client libraries take our headers for theirs."""
    # Their inline functions are not up to -Wextra.
    flags = [f for f in ours.flags if f not in ("-ffreestanding", "-Wextra")]
    result = run([CC, *flags, "-H", "-c", HERE / "clients.c", "-o", "/dev/null"])
    if result.returncode:
        text = [l for l in result.stderr.splitlines() if not l.startswith(".")]
        return ["clients.c does not compile:\n" + "\n".join(text)]
    if not re.search(r"^\.+ %s" % re.escape(ours.flags[-1]), result.stderr, re.M):
        return ["clients.c was not compiled with our headers"]
    return []


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--include", type=pathlib.Path, required=True)
    parser.add_argument("--xen-include", type=pathlib.Path, required=True)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    options = parser.parse_args()

    root = options.include / "xen"
    headers = sorted(str(p.relative_to(root)) for p in root.glob("**/*.h"))
    headers.sort(key=lambda h: h != "xen.h")  # Xen's arch-x86 headers need it first
    absent = [h for h in headers if not (options.xen_include / "xen" / h).exists()]
    if absent or not headers:
        sys.exit("abi: Xen's headers (package libxen-dev) lack: " + ", ".join(absent))
    options.build.mkdir(parents=True, exist_ok=True)

    ours = Headers("ours", options.include, [], headers, options.build)
    xen = Headers("xen", options.xen_include, XEN_FLAGS, headers, options.build)
    for each in (ours, xen):
        before = each.find_dies(each.prelude).values()
        each.enumerators_before = [
            d["name"] for d in before if d["tag"] == "enumerator"
        ]

    problems = check_alone(ours, headers)
    table, uncompared = make_table(ours)
    for name in uncompared:
        if not any(fnmatch.fnmatchcase(name, p) for p in UNCOMPARED):
            problems.append("no comparison covers the macro " + name)

    mine, lacking = print_table(ours, table)
    problems += ["does not compile with our own headers: " + l for l in lacking]
    theirs, lacking = print_table(xen, table)
    problems += ["ours have, and Xen's headers lack: " + l for l in lacking]
    for name, value in mine.items():
        if name in theirs and theirs[name] != value:
            problems.append("%s: ours %s, Xen's %s" % (name, value, theirs[name]))

    count = {}
    for kind, _, _ in table:
        count[kind] = count.get(kind, 0) + 1
    for kind, least in LEAST.items():
        if count.get(kind, 0) < least:
            problems.append("only %d entries of kind %s" % (count.get(kind, 0), kind))
    if len(set(e[1] for e in table)) != len(table):
        problems.append("the table has an entry twice")

    more, omitted = check_coverage(ours, xen)
    problems += more
    more, assembled = check_assembly(ours, mine)
    problems += more
    if check_behaviour(ours) != check_behaviour(xen):
        problems.append("behaviour.c: output differs")
    problems += check_clients(ours)

    for problem in problems:
        print("abi: " + problem, file=sys.stderr)
    kinds = ", ".join("%d %s" % (n, kind) for kind, n in sorted(count.items()))
    print(
        "abi: %d headers, %d entries (%s), %d constants in assembly, %d names of Xen's "
        "left out, %d problems"
        % (len(headers), len(table), kinds, assembled, omitted, len(problems))
    )
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
