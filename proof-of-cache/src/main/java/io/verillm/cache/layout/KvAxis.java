package io.verillm.cache.layout;

import io.verillm.core.wire.MalformedMessageException;
import java.util.Locale;

/** The axes of a KV cache. Refusals name the axis that cannot be as claimed. */
public enum KvAxis {
  /** Keys or values. */
  PART,
  /** Transformer block. */
  LAYER,
  /** Page of consecutive positions; a slot where a page holds one. */
  BLOCK,
  /** KV head. */
  HEAD,
  /** Position inside a block. */
  TOKEN,
  /** Element of a head's vector. */
  CHANNEL;

  /** The name in descriptors. */
  String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  MalformedMessageException refuse(String why) {
    return new MalformedMessageException("axis " + name(), 0, why);
  }
}
