package io.verillm.incentives.slashing;

import io.verillm.core.wire.Digest32;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A set of digests that never changes: a larger one shares all but a short path with it. A trie
 * over the digests' half-bytes, which for hashes is as deep as the logarithm of the size to base
 * 16, and never deeper than 64. Immutable.
 */
final class DigestSet {
  /** The set without elements. */
  static final DigestSet EMPTY = new DigestSet(null, 0);

  private static final int WIDTH = 16;

  private final @Nullable Object root; // a Digest32, or Object[WIDTH] of these and of nulls
  private final int size;

  private DigestSet(@Nullable Object root, int size) {
    this.root = root;
    this.size = size;
  }

  /** The set of some digests. */
  static DigestSet of(Collection<Digest32> digests) {
    DigestSet set = EMPTY;
    for (Digest32 digest : digests) {
      set = set.plus(digest);
    }
    return set;
  }

  boolean isEmpty() {
    return size == 0;
  }

  int size() {
    return size;
  }

  private static int place(byte[] digest, int level) {
    return level % 2 == 0 ? (digest[level / 2] & 0xFF) >> 4 : digest[level / 2] & 0xF;
  }

  boolean contains(Digest32 digest) {
    Object at = root;
    byte[] path = digest.toByteArray();
    for (int level = 0; at instanceof Object[] branches; level++) {
      at = branches[place(path, level)];
    }
    return at instanceof Digest32 found && found.equals(digest);
  }

  /** This set and one more digest; this set itself if it has it. */
  DigestSet plus(Digest32 digest) {
    Object larger = plus(root, digest, digest.toByteArray(), 0);
    return larger == root ? this : new DigestSet(larger, size + 1);
  }

  private static Object plus(@Nullable Object at, Digest32 digest, byte[] path, int level) {
    if (at == null) {
      return digest;
    }
    @Nullable Object[] branches = new Object[WIDTH];
    if (at instanceof Object[] shared) {
      System.arraycopy(shared, 0, branches, 0, WIDTH);
    } else if (at.equals(digest)) {
      return at;
    } else {
      branches[place(((Digest32) at).toByteArray(), level)] = at;
    }
    int place = place(path, level);
    Object below = plus(branches[place], digest, path, level + 1);
    if (below == branches[place] && at instanceof Object[]) {
      return at;
    }
    branches[place] = below;
    return branches;
  }

  /** The digests, ascending. */
  Set<Digest32> toSet() {
    Set<Digest32> set = new LinkedHashSet<>();
    collect(root, set);
    return set;
  }

  private static void collect(@Nullable Object at, Set<Digest32> set) {
    if (at instanceof Digest32 digest) {
      set.add(digest);
    } else if (at instanceof Object[] branches) {
      for (Object branch : branches) {
        collect(branch, set);
      }
    }
  }
}
