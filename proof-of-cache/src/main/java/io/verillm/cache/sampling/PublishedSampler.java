package io.verillm.cache.sampling;

import io.verillm.core.challenge.ChallengePlan;
import io.verillm.core.challenge.DrawStream;
import io.verillm.core.order.TokenIds;
import io.verillm.core.trace.TraceLayout;
import io.verillm.core.wire.Digest32;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The published strategy, for comparison: a token sampler and a layer sampler, both public
 * functions of the context, applied as each token is fed. The paper fixes neither function; the
 * ones here are those of its figure, with SHA-256 of the context as the source of choice.
 *
 * <p>The prover evaluates it before it computes, so it can cheat exactly where it is not looked at;
 * and layer 0 may be drawn, which proves nothing. Never the basis of a verdict here.
 */
public final class PublishedSampler implements CellSampler {
  private static final byte[] TAG =
      "verillm/published-cells/v1".getBytes(StandardCharsets.US_ASCII);

  /** Picks positions when a token is fed. */
  @FunctionalInterface
  public interface TokenSampler {
    /** Positions in 0 .. context length − 1. */
    int[] positions(int[] context);
  }

  /** Picks layers for a position. */
  @FunctionalInterface
  public interface LayerSampler {
    /** Layers in 0 .. {@code layers} − 1. */
    int[] layers(int[] context, int position, int layers);
  }

  private final TokenSampler tokenSampler;
  private final LayerSampler layerSampler;

  /** Makes a sampler of two functions. */
  public PublishedSampler(TokenSampler tokenSampler, LayerSampler layerSampler) {
    this.tokenSampler = tokenSampler;
    this.layerSampler = layerSampler;
  }

  /**
   * One position of the context at every {@code every}-th token, and {@code layersPerToken} of its
   * layers.
   */
  public static PublishedSampler hashed(int every, int layersPerToken) {
    if (every < 1 || layersPerToken < 1) {
      throw new IllegalArgumentException(every + " and " + layersPerToken + " must be positive");
    }
    return new PublishedSampler(
        context ->
            context.length % every == 0
                ? new int[] {stream(context, 0).nextBelow(context.length)}
                : new int[0],
        (context, position, layers) ->
            stream(context, 1).sample(layers, Math.min(layers, layersPerToken)));
  }

  private static DrawStream stream(int[] context, int purpose) {
    ByteBuffer ids = ByteBuffer.allocate(4 + 4 * context.length).putInt(purpose);
    for (int id : context) {
      ids.putInt(id);
    }
    return new DrawStream(Digest32.sha256(TAG, ids.array()));
  }

  @Override
  public Predictability predictability() {
    return Predictability.ANYONE;
  }

  @Override
  public SortedMap<Integer, List<Integer>> draw(TokenIds fed, TraceLayout layout) {
    int[] all = fed.toArray();
    List<Integer> recorded = ChallengePlan.layersOf(layout);
    SortedMap<Integer, TreeSet<Integer>> rows = new TreeMap<>();
    for (int length = 1; length <= all.length; length++) {
      int[] context = Arrays.copyOf(all, length);
      for (int position : tokenSampler.positions(context)) {
        for (int layer : layerSampler.layers(context, position, recorded.size())) {
          int id = recorded.get(layer);
          TreeSet<Integer> at = rows.computeIfAbsent(position, p -> new TreeSet<>());
          layout.rows().stream()
              .filter(row -> row.key().layer() == id)
              .forEach(row -> at.add(row.index()));
        }
      }
    }
    SortedMap<Integer, List<Integer>> drawn = new TreeMap<>();
    rows.forEach((position, indices) -> drawn.put(position, List.copyOf(indices)));
    return drawn;
  }
}
