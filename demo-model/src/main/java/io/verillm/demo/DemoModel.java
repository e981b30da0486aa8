package io.verillm.demo;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/**
 * The shipped models as Hugging Face folders. Loaders map files, so the resources are copied to a
 * folder first.
 */
public enum DemoModel {
  /** The larger model, which orders are for. */
  MAIN("model"),
  /** The smaller one with the same tokenizer. */
  SIBLING("sibling");

  private static final List<String> FILES =
      List.of("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json");

  private final String resource;

  DemoModel(String resource) {
    this.resource = resource;
  }

  /**
   * Copies the model's files into a folder, over what is there.
   *
   * @return the folder
   * @throws IOException if a file cannot be written
   */
  public Path copyTo(Path folder) throws IOException {
    Files.createDirectories(folder);
    for (String file : FILES) {
      try (InputStream in = DemoModel.class.getResourceAsStream(resource + "/" + file)) {
        if (in == null) {
          throw new IOException("the demo-model artifact lacks " + resource + "/" + file);
        }
        Files.copy(in, folder.resolve(file), StandardCopyOption.REPLACE_EXISTING);
      }
    }
    return folder;
  }
}
