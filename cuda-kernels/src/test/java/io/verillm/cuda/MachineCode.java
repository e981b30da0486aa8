package io.verillm.cuda;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Just enough of a cubin to count instructions: ELF sections {@code .text.NAME}, instructions of 16
 * bytes, and the jumps among them. A loop is what lies between a backward jump and its target.
 */
final class MachineCode {
  private static final int INSTRUCTION = 16;
  private static final int OPCODE = 0xFFF;
  private static final int BRANCH = 0x947;

  private MachineCode() {}

  /** For each kernel the lengths of its loops, in instructions; jumps to themselves left out. */
  static Map<String, List<Integer>> loops(byte[] cubin) {
    ByteBuffer elf = ByteBuffer.wrap(cubin).order(ByteOrder.LITTLE_ENDIAN);
    if (elf.getInt(0) != 0x464C457F) {
      throw new IllegalArgumentException("no ELF file");
    }
    int sections = (int) elf.getLong(0x28);
    int size = elf.getShort(0x3A);
    int names = offset(elf, sections + size * elf.getShort(0x3E));
    Map<String, List<Integer>> loops = new LinkedHashMap<>();
    for (int i = 0; i < elf.getShort(0x3C); i++) {
      int section = sections + i * size;
      String name = text(elf, names + elf.getInt(section));
      if (name.startsWith(".text.")) {
        loops.put(
            name.substring(6), loops(elf, offset(elf, section), (int) elf.getLong(section + 0x20)));
      }
    }
    return loops;
  }

  private static int offset(ByteBuffer elf, int section) {
    return (int) elf.getLong(section + 0x18);
  }

  private static String text(ByteBuffer elf, int at) {
    int end = at;
    while (elf.get(end) != 0) {
      end++;
    }
    return new String(elf.array(), at, end - at, StandardCharsets.US_ASCII);
  }

  /** The jump's distance, in words of 4 bytes from its end: bits 34 to 81, then bits 16 to 23. */
  private static List<Integer> loops(ByteBuffer elf, int start, int length) {
    List<Integer> loops = new ArrayList<>();
    for (int at = start; at < start + length; at += INSTRUCTION) {
      long low = elf.getLong(at);
      if ((low & OPCODE) == BRANCH) {
        long high = elf.getLong(at + 8);
        long words = (high << 46 >> 46 << 30 | low >>> 34) << 8 | (low >>> 16 & 0xFF);
        int instructions = (int) (-words / (INSTRUCTION / 4));
        if (instructions > 1) {
          loops.add(instructions);
        }
      }
    }
    return loops;
  }
}
