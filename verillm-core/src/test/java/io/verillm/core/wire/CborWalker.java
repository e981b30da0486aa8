package io.verillm.core.wire;

/** Reads whatever comes and writes it again: canonical input must come back byte for byte. */
final class CborWalker {
  private CborWalker() {}

  static byte[] copy(byte[] input) throws MalformedMessageException {
    CborReader in = CborReader.of(input);
    CborWriter out = new CborWriter();
    copyItem(in, out);
    in.end();
    return out.toByteArray();
  }

  private static void copyItem(CborReader in, CborWriter out) throws MalformedMessageException {
    switch (in.nextType("item")) {
      case UNSIGNED -> out.unsigned(in.unsigned("item"));
      case NEGATIVE -> out.integer(in.integer("item"));
      case BYTES -> out.bytes(in.bytes("item", Integer.MAX_VALUE));
      case TEXT -> out.text(in.text("item", Integer.MAX_VALUE));
      case BOOL -> out.bool(in.bool("item"));
      case NULL -> {
        in.nul("item");
        out.nul();
      }
      case ARRAY -> {
        int n = in.array("item", Integer.MAX_VALUE);
        out.array(n);
        for (int i = 0; i < n; i++) {
          copyItem(in, out);
        }
      }
      case MAP -> {
        int n = in.map("item", Integer.MAX_VALUE);
        out.map(n);
        for (int i = 0; i < n; i++) {
          out.integer(in.nextKey("key"));
          copyItem(in, out);
        }
      }
    }
  }
}
