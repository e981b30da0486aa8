package io.verillm.core.tensor;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.verillm.core.wire.MalformedMessageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The tensors of a safetensors file, of several, or of a sharded model folder, mapped and not
 * copied. Immutable and thread-safe.
 *
 * <p>The reader is strict. Refused are headers above 100 MB or above the file, repeated keys,
 * unknown fields or types, shapes that do not fill their byte range, ranges that overlap, leave
 * holes or miss the file's end, a name in two files, and an index that says anything else than the
 * files do. No allocation follows a claim before the file's size has backed it.
 *
 * <p>Views borrow the mappings, which the JVM releases after the reader and all views are
 * unreachable. Whoever shortens a mapped file meanwhile makes reads of it fail with an {@link
 * InternalError}, so files under check belong where nobody else writes.
 *
 * <p>A well-formed file says nothing about whose weights it holds; {@link ModelDigest} does.
 */
public final class SafetensorsReader {
  /** Name of the file of an unsharded model folder. */
  public static final String SINGLE_FILE = "model.safetensors";

  /** Name of the index of a sharded model folder. */
  public static final String INDEX_FILE = "model.safetensors.index.json";

  private static final long MAX_INDEX_BYTES = SafetensorsHeader.MAX_HEADER_BYTES;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
          .build();

  private final Map<String, SafetensorsFile> fileOf;
  private final Map<String, TensorEntry> entries;
  private final Map<String, String> metadata;

  private SafetensorsReader(List<SafetensorsFile> files) throws MalformedMessageException {
    Map<String, SafetensorsFile> owners = new TreeMap<>(Utf8Order.COMPARATOR);
    Map<String, TensorEntry> all = new TreeMap<>(Utf8Order.COMPARATOR);
    Map<String, String> texts = new LinkedHashMap<>();
    for (SafetensorsFile file : files) {
      for (TensorEntry entry : file.header().entries().values()) {
        if (owners.put(entry.name(), file) != null) {
          throw new MalformedMessageException(
              "tensor " + entry.name(), 0, "also in " + file.path().getFileName());
        }
        all.put(entry.name(), entry);
      }
      file.header().metadata().forEach(texts::putIfAbsent);
    }
    this.fileOf = Collections.unmodifiableMap(owners);
    this.entries = Collections.unmodifiableMap(all);
    this.metadata = Collections.unmodifiableMap(texts);
  }

  /**
   * Opens a file or a folder. A folder is read through {@value #INDEX_FILE} where it has one, else
   * through {@value #SINGLE_FILE}; one that holds both, with the index not naming the single file,
   * is ambiguous and refused.
   *
   * @throws MalformedMessageException if the content is not what the format allows
   * @throws IOException if a file is missing or cannot be read
   */
  public static SafetensorsReader open(Path fileOrFolder)
      throws IOException, MalformedMessageException {
    return open(fileOrFolder, SafetensorsFile.LARGEST_WINDOW);
  }

  /** As {@link #open(Path)} with mappings of at most {@code window} bytes. */
  static SafetensorsReader open(Path fileOrFolder, int window)
      throws IOException, MalformedMessageException {
    if (!Files.isDirectory(fileOrFolder)) {
      return new SafetensorsReader(List.of(SafetensorsFile.open(fileOrFolder, window)));
    }
    Path index = fileOrFolder.resolve(INDEX_FILE);
    Path single = fileOrFolder.resolve(SINGLE_FILE);
    if (Files.exists(index)) {
      return openSharded(fileOrFolder, index, Files.exists(single), window);
    }
    if (!Files.exists(single)) {
      throw new NoSuchFileException(
          fileOrFolder.toString(), null, "neither " + SINGLE_FILE + " nor " + INDEX_FILE);
    }
    return new SafetensorsReader(List.of(SafetensorsFile.open(single, window)));
  }

  /**
   * Opens several files without an index; their names must be disjoint.
   *
   * @throws MalformedMessageException if the content is not what the format allows
   * @throws IOException if a file is missing or cannot be read
   */
  public static SafetensorsReader openFiles(List<Path> files)
      throws IOException, MalformedMessageException {
    List<SafetensorsFile> opened = new ArrayList<>();
    for (Path file : files) {
      opened.add(SafetensorsFile.open(file, SafetensorsFile.LARGEST_WINDOW));
    }
    return new SafetensorsReader(opened);
  }

  private static SafetensorsReader openSharded(
      Path folder, Path index, boolean singleExists, int window)
      throws IOException, MalformedMessageException {
    if (Files.size(index) > MAX_INDEX_BYTES) {
      throw new MalformedMessageException("index", 0, "above " + MAX_INDEX_BYTES + " bytes");
    }
    Map<String, String> weightMap = decodeIndex(Files.readAllBytes(index));
    Set<String> names = new TreeSet<>(weightMap.values());
    if (singleExists && !names.contains(SINGLE_FILE)) {
      throw new MalformedMessageException(
          "index", 0, "does not name " + SINGLE_FILE + " that lies beside it");
    }
    List<SafetensorsFile> files = new ArrayList<>();
    for (String name : names) {
      files.add(SafetensorsFile.open(folder.resolve(name), window));
    }
    SafetensorsReader reader = new SafetensorsReader(files);
    for (Map.Entry<String, String> claim : weightMap.entrySet()) {
      SafetensorsFile actual = reader.fileOf.get(claim.getKey());
      if (actual == null || !actual.path().equals(folder.resolve(claim.getValue()))) {
        throw new MalformedMessageException(
            "weight_map", 0, claim.getKey() + " is not in " + claim.getValue());
      }
    }
    if (weightMap.size() != reader.entries.size()) {
      Set<String> extra = new TreeSet<>(reader.entries.keySet());
      extra.removeAll(weightMap.keySet());
      throw new MalformedMessageException("weight_map", 0, "does not list " + extra);
    }
    return reader;
  }

  /** Decodes an index file: tensor names to names of files in the same folder. */
  static Map<String, String> decodeIndex(byte[] json) throws MalformedMessageException {
    Map<String, String> weightMap = null;
    try (JsonParser in = JSON.createParser(json)) {
      if (in.nextToken() != JsonToken.START_OBJECT) {
        throw new MalformedMessageException("index", 0, "not an object");
      }
      while (in.nextToken() != JsonToken.END_OBJECT) {
        boolean wanted = in.currentName().equals("weight_map");
        JsonToken value = in.nextToken();
        if (!wanted) {
          in.skipChildren(); // free text such as the total size, which nothing here relies on
          continue;
        }
        weightMap = new LinkedHashMap<>();
        if (value != JsonToken.START_OBJECT) {
          throw malformed(in, "weight_map", "not an object");
        }
        while (in.nextToken() != JsonToken.END_OBJECT) {
          String tensor = in.currentName();
          if (in.nextToken() != JsonToken.VALUE_STRING) {
            throw malformed(in, "weight_map", tensor + " names no file");
          }
          weightMap.put(tensor, requirePlainName(in, in.getText()));
        }
      }
      if (in.nextToken() != null) {
        throw malformed(in, "index", "has something after its object");
      }
    } catch (IOException e) {
      throw new MalformedMessageException("index", 0, "not JSON: " + e.getMessage());
    }
    if (weightMap == null) {
      throw new MalformedMessageException("index", 0, "has no weight_map");
    }
    return weightMap;
  }

  /** Refuses names that could leave the folder. */
  private static String requirePlainName(JsonParser in, String name)
      throws MalformedMessageException {
    boolean plain =
        name.endsWith(".safetensors")
            && !name.startsWith(".")
            && name.chars().allMatch(c -> c > ' ' && c < 0x7F && "/\\:*?\"<>|".indexOf(c) < 0);
    if (!plain) {
      throw malformed(in, "weight_map", "not a plain file name: " + name);
    }
    return name;
  }

  private static MalformedMessageException malformed(JsonParser in, String field, String message) {
    return new MalformedMessageException(
        field, Math.max(0, in.currentLocation().getByteOffset()), message);
  }

  /** All names in UTF-8 order. */
  public List<String> names() {
    return List.copyOf(entries.keySet());
  }

  /** What the headers say, in UTF-8 order of the names. */
  public Collection<TensorEntry> entries() {
    return entries.values();
  }

  /** Whether there is a tensor of this name. */
  public boolean contains(String name) {
    return entries.containsKey(name);
  }

  /**
   * What the header says about one tensor.
   *
   * @throws IllegalArgumentException if there is none of this name
   */
  public TensorEntry entry(String name) {
    TensorEntry entry = entries.get(name);
    if (entry == null) {
      throw new IllegalArgumentException("no tensor " + name);
    }
    return entry;
  }

  /** Free text from the headers; where files disagree the first by name wins. */
  public Map<String, String> metadata() {
    return metadata;
  }

  /** Bytes of all tensors together. */
  public long totalBytes() {
    return entries.values().stream().mapToLong(TensorEntry::byteLength).sum();
  }

  /**
   * Views a whole tensor.
   *
   * @throws IllegalArgumentException if there is none of this name, or if it is larger than one
   *     buffer (2 GiB − 1); then use {@link #rows}
   */
  public TensorView tensor(String name) {
    TensorEntry entry = entry(name);
    return TensorView.of(
        entry.dtype(), entry.shape(), bytes(name, 0, requireInt(name, entry.byteLength())));
  }

  /**
   * Views consecutive slices along the outermost axis.
   *
   * @return shape [count, inner axes…]
   * @throws IllegalArgumentException if there is no such tensor, it is a scalar, the rows are out
   *     of range, or the run is above 1 GiB of a tensor above 2 GiB
   */
  public TensorView rows(String name, long firstRow, int count) {
    TensorEntry entry = entry(name);
    long[] dimensions = entry.shape().toArray();
    if (dimensions.length == 0 || firstRow < 0 || count < 0 || firstRow > dimensions[0] - count) {
      throw new IllegalArgumentException(
          name + entry.shape() + " has no rows " + firstRow + " + " + count);
    }
    long rowBytes = dimensions[0] == 0 ? 0 : entry.byteLength() / dimensions[0];
    dimensions[0] = count;
    int length = requireInt(name, Math.multiplyExact(rowBytes, (long) count));
    return TensorView.of(
        entry.dtype(), Shape.of(dimensions), bytes(name, firstRow * rowBytes, length));
  }

  /**
   * Views raw bytes of a tensor.
   *
   * @throws IllegalArgumentException if the run leaves the tensor, or is above 1 GiB of a tensor
   *     above 2 GiB
   */
  public ByteBuffer bytes(String name, long offset, int length) {
    TensorEntry entry = entry(name);
    if (offset < 0 || length < 0 || offset > entry.byteLength() - length) {
      throw new IllegalArgumentException(
          name + " has no bytes " + offset + " + " + length + " of " + entry.byteLength());
    }
    SafetensorsFile file = java.util.Objects.requireNonNull(fileOf.get(name));
    if (length > 0 && !file.isContiguous(entry, offset, length)) {
      throw new IllegalArgumentException(
          length + " bytes of " + name + " do not fit one buffer; ask for fewer");
    }
    return length == 0 ? ByteBuffer.allocate(0) : file.slice(entry, offset, length);
  }

  private static int requireInt(String name, long bytes) {
    if (bytes > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          name + " needs " + bytes + " bytes, more than one buffer holds");
    }
    return (int) bytes;
  }
}
