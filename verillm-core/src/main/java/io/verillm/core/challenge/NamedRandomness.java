package io.verillm.core.challenge;

/**
 * A randomness source that policy files can name. Modules register theirs for {@code
 * java.util.ServiceLoader}; naming one in a policy is still what admits it.
 */
public interface NamedRandomness {
  /**
   * The name in policy files: lower-case letters, digits and hyphens, and no key in hexadecimal.
   */
  String name();

  /** The source. */
  RandomnessSource source();
}
