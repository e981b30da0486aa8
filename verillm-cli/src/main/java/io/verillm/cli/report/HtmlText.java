package io.verillm.cli.report;

/** Turns any string into text that cannot leave its place in the page or reorder its neighbours. */
final class HtmlText {
  private HtmlText() {}

  /**
   * Returns {@code text} as HTML character data, safe in elements and in double-quoted attributes.
   */
  static String escape(String text) {
    String visible = visible(text);
    StringBuilder out = new StringBuilder(visible.length() + 16);
    for (int i = 0; i < visible.length(); i++) {
      char c = visible.charAt(i);
      switch (c) {
        case '&' -> out.append("&amp;");
        case '<' -> out.append("&lt;");
        case '>' -> out.append("&gt;");
        case '"' -> out.append("&quot;");
        case '\'' -> out.append("&#39;");
        default -> out.append(c);
      }
    }
    return out.toString();
  }

  /**
   * Returns {@code text} with everything written out that a reader could not see: control
   * characters, bidirectional overrides (which could make REJECTED read as something else), line
   * separators, zero-width characters and unpaired surrogates. Tab and newline stay.
   */
  static String visible(String text) {
    StringBuilder out = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); ) {
      int point = text.codePointAt(i);
      i += Character.charCount(point);
      if (point == '\r') {
        out.append(i < text.length() && text.charAt(i) == '\n' ? "" : "\n");
      } else if (point == '\n' || point == '\t' || !isHidden(point)) {
        out.appendCodePoint(point);
      } else {
        out.append(String.format("\\u{%04X}", point));
      }
    }
    return out.toString();
  }

  private static boolean isHidden(int point) {
    return switch (Character.getType(point)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE ->
          true;
      default -> false;
    };
  }

  /**
   * Returns {@code json} so that a script element may hold it: no {@code <}, {@code >}, {@code &}
   * or line separator is left, and every JSON parser reads the same value.
   */
  static String escapeJsonForScript(String json) {
    StringBuilder out = new StringBuilder(json.length() + 16);
    for (int i = 0; i < json.length(); i++) {
      char c = json.charAt(i);
      if (c == '<' || c == '>' || c == '&' || c == '\u2028' || c == '\u2029' || lone(json, i)) {
        out.append(String.format("\\u%04x", (int) c));
      } else {
        out.append(c);
      }
    }
    return out.toString();
  }

  private static boolean lone(String text, int at) {
    char c = text.charAt(at);
    if (Character.isHighSurrogate(c)) {
      return at + 1 == text.length() || !Character.isLowSurrogate(text.charAt(at + 1));
    }
    return Character.isLowSurrogate(c)
        && (at == 0 || !Character.isHighSurrogate(text.charAt(at - 1)));
  }
}
