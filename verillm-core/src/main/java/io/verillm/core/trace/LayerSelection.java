package io.verillm.core.trace;

import io.verillm.core.wire.CborReader;
import io.verillm.core.wire.CborWriter;
import io.verillm.core.wire.MalformedMessageException;
import java.util.ArrayList;
import java.util.List;

/** Which blocks of a model an entry of a {@link TraceProfile} speaks of. Immutable. */
public sealed interface LayerSelection {
  /** Every block. */
  record All() implements LayerSelection {
    @Override
    public List<Integer> resolve(int layers) {
      List<Integer> all = new ArrayList<>(layers);
      for (int layer = 0; layer < layers; layer++) {
        all.add(layer);
      }
      return all;
    }
  }

  /** The last block only. */
  record Last() implements LayerSelection {
    @Override
    public List<Integer> resolve(int layers) {
      return List.of(layers - 1);
    }
  }

  /**
   * Blocks 0, step, 2·step and so on.
   *
   * @param step 1 to 65535
   */
  record Stride(int step) implements LayerSelection {
    /** Checks the range. */
    public Stride {
      if (step < 1 || step > MAX_LAYER) {
        throw new IllegalArgumentException("stride " + step + " is not in 1.." + MAX_LAYER);
      }
    }

    @Override
    public List<Integer> resolve(int layers) {
      List<Integer> chosen = new ArrayList<>();
      for (int layer = 0; layer < layers; layer += step) {
        chosen.add(layer);
      }
      return chosen;
    }
  }

  /**
   * The blocks that are named.
   *
   * @param layers strictly ascending, at least one, at most {@value #MAX_LISTED}
   */
  record Listed(List<Integer> layers) implements LayerSelection {
    /** Copies and checks the list. */
    public Listed {
      layers = List.copyOf(layers);
      if (layers.isEmpty() || layers.size() > MAX_LISTED) {
        throw new IllegalArgumentException(layers.size() + " listed layers");
      }
      int previous = -1;
      for (int layer : layers) {
        if (layer <= previous || layer > MAX_LAYER) {
          throw new IllegalArgumentException(
              "layers are not strictly ascending in 0.." + MAX_LAYER + ": " + layers);
        }
        previous = layer;
      }
    }

    @Override
    public List<Integer> resolve(int layers) {
      int highest = this.layers.get(this.layers.size() - 1);
      if (highest >= layers) {
        throw new IllegalArgumentException(
            "layer " + highest + " is listed, the model has " + layers);
      }
      return this.layers;
    }
  }

  /** Highest block index. */
  int MAX_LAYER = 0xFFFF;

  /** Longest list of layers. */
  int MAX_LISTED = 1024;

  /**
   * The chosen blocks of a model, ascending.
   *
   * @param layers number of blocks of the model, at least 1
   * @throws IllegalArgumentException if a listed block does not exist there
   */
  List<Integer> resolve(int layers);

  /** Writes {@code [0]}, {@code [1]}, {@code [2, step]} or {@code [3, [layer, …]]}. */
  default void write(CborWriter out) {
    if (this instanceof All) {
      out.array(1).unsigned(0);
    } else if (this instanceof Last) {
      out.array(1).unsigned(1);
    } else if (this instanceof Stride stride) {
      out.array(2).unsigned(2).unsigned(stride.step());
    } else if (this instanceof Listed listed) {
      out.array(2).unsigned(3).array(listed.layers().size());
      for (int layer : listed.layers()) {
        out.unsigned(layer);
      }
    }
  }

  /** Reads what {@link #write} wrote. */
  static LayerSelection read(CborReader in) throws MalformedMessageException {
    long start = in.offset();
    int length = in.array("layer-selection", 2);
    int tag = length == 0 ? -1 : (int) in.unsigned("layer-selection", 3);
    if (length == 1 && tag == 0) {
      return new All();
    }
    if (length == 1 && tag == 1) {
      return new Last();
    }
    try {
      if (length == 2 && tag == 2) {
        return new Stride((int) in.unsigned("layer-selection.step", MAX_LAYER));
      }
      if (length == 2 && tag == 3) {
        int count = in.array("layer-selection.layers", MAX_LISTED);
        List<Integer> layers = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
          layers.add((int) in.unsigned("layer-selection.layers", MAX_LAYER));
        }
        return new Listed(layers);
      }
    } catch (IllegalArgumentException e) {
      throw new MalformedMessageException("layer-selection", start, String.valueOf(e.getMessage()));
    }
    throw new MalformedMessageException(
        "layer-selection", start, "no selection has tag " + tag + " and " + length + " items");
  }
}
