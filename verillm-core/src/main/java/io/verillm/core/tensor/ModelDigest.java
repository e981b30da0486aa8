package io.verillm.core.tensor;

import io.verillm.core.tree.MerkleFrontier;
import io.verillm.core.tree.MerkleHash;
import io.verillm.core.wire.CborWriter;
import io.verillm.core.wire.Digest32;
import java.security.MessageDigest;
import java.util.Map;
import java.util.TreeMap;

/**
 * The digest of a model as it is served: an RFC 6962 tree (SHA-256) with one leaf per tensor, in
 * UTF-8 order of the names.
 *
 * <p>A leaf's data is deterministic CBOR {@code [name, dtype, shape, SHA-256(bytes)]}: name as
 * text, type as its {@link DType#code}, shape as an array of integers outermost first, the digest
 * of the little-endian bytes as a byte string. How tensors are spread over files, their order in
 * them and the headers' free text do not matter; codes and scales of quantised weights are tensors
 * like any other.
 *
 * <p><b>Tied tensors.</b> A tensor that the model's configuration ties to another one is no leaf,
 * whether a file repeats it or not. If a file does, it must equal the other in type, shape and
 * bytes. Only the configuration ties: two tensors that happen to be equal are two leaves.
 *
 * <p>An instance collects leaves and belongs to one thread. The digest names weights; it does not
 * prove that anything was computed with them.
 */
public final class ModelDigest {
  /** The ties of a Llama-like model whose configuration says {@code tie_word_embeddings}. */
  public static final Map<String, String> TIED_WORD_EMBEDDINGS =
      Map.of("lm_head.weight", "model.embed_tokens.weight");

  private static final int HASH_BLOCK = 1 << 24;

  private final TreeMap<String, Leaf> leaves = new TreeMap<>(Utf8Order.COMPARATOR);

  private record Leaf(DType dtype, Shape shape, Digest32 content) {}

  /** Is told how far a long digest has come. */
  @FunctionalInterface
  public interface Progress {
    /** Called after each piece of at most 16 MiB, on the hashing thread. */
    void update(String tensor, long bytesDone, long bytesTotal);
  }

  /** Makes an empty collection of leaves. */
  public ModelDigest() {}

  /** Digests all tensors of a reader, none tied. */
  public static Digest32 of(SafetensorsReader reader) {
    return of(reader, Map.of(), (tensor, done, total) -> {});
  }

  /**
   * Digests the tensors of a reader.
   *
   * @param tied names that the configuration ties, each with the name that stands for it
   * @throws IllegalArgumentException if there is no tensor, if a tied name's stand-in is missing or
   *     tied itself, or if the files hold another content under the tied name
   */
  public static Digest32 of(SafetensorsReader reader, Map<String, String> tied, Progress progress) {
    ModelDigest digest = new ModelDigest();
    long total = reader.totalBytes();
    long done = 0;
    for (TensorEntry entry : reader.entries()) {
      MessageDigest sha = Digest32.newSha256();
      long length = entry.byteLength();
      for (long at = 0; at < length; at += HASH_BLOCK) {
        int size = (int) Math.min(HASH_BLOCK, length - at);
        sha.update(reader.bytes(entry.name(), at, size));
        done += size;
        progress.update(entry.name(), done, total);
      }
      digest.add(entry.name(), entry.dtype(), entry.shape(), Digest32.copyOf(sha.digest()));
    }
    return digest.root(tied);
  }

  /**
   * Adds a tensor.
   *
   * @throws IllegalArgumentException if the name was added before or has no UTF-8 form
   */
  public ModelDigest add(String name, TensorView view) {
    MessageDigest sha = Digest32.newSha256();
    sha.update(view.bytes());
    return add(name, view.dtype(), view.shape(), Digest32.copyOf(sha.digest()));
  }

  /**
   * Adds a tensor whose bytes were hashed elsewhere.
   *
   * @param content SHA-256 of the little-endian bytes
   * @throws IllegalArgumentException if the name was added before or has no UTF-8 form
   */
  public ModelDigest add(String name, DType dtype, Shape shape, Digest32 content) {
    if (!Utf8Order.isEncodable(name)) {
      throw new IllegalArgumentException("a tensor's name has a lone surrogate");
    }
    if (leaves.putIfAbsent(name, new Leaf(dtype, shape, content)) != null) {
      throw new IllegalArgumentException("tensor " + name + " was added before");
    }
    return this;
  }

  /**
   * Computes the digest of what was added.
   *
   * @param tied names that the configuration ties, each with the name that stands for it
   * @throws IllegalArgumentException as {@link #of(SafetensorsReader, Map, Progress)}
   */
  public Digest32 root(Map<String, String> tied) {
    TreeMap<String, Leaf> kept = new TreeMap<>(leaves);
    tied.forEach(
        (name, standIn) -> {
          Leaf original = leaves.get(standIn);
          if (original == null || tied.containsKey(standIn)) {
            throw new IllegalArgumentException(
                name + " is tied to " + standIn + ", which is missing or tied itself");
          }
          Leaf repeated = kept.remove(name);
          if (repeated != null && !repeated.equals(original)) {
            throw new IllegalArgumentException(
                name + " is tied to " + standIn + " but holds something else");
          }
        });
    if (kept.isEmpty()) {
      throw new IllegalArgumentException("a model without tensors has no digest");
    }
    MerkleFrontier tree = new MerkleFrontier();
    kept.forEach((name, leaf) -> tree.append(MerkleHash.leaf(leafData(name, leaf))));
    return tree.root();
  }

  private static byte[] leafData(String name, Leaf leaf) {
    CborWriter out = new CborWriter();
    out.array(4).text(name).unsigned(leaf.dtype().code()).array(leaf.shape().rank());
    for (long dimension : leaf.shape().toArray()) {
      out.unsigned(dimension);
    }
    return out.digest(leaf.content()).toByteArray();
  }
}
