package io.verillm.examples.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class KjvTextTest {

  @Test
  void load_shippedResources_haveThePublishedHashesAndSizes() throws IOException {
    KjvText text = KjvText.load();
    assertThat(text.training()).hasSize(3_943_770);
    assertThat(text.heldOut()).hasSize(195_267);
    assertThat(KjvText.chapters(text.training())).hasSize(1132);
    assertThat(KjvText.chapters(text.heldOut())).hasSize(57);
  }

  @Test
  void chapters_joinedAgain_areTheText() throws IOException {
    String text = KjvText.load().heldOut();
    assertThat(String.join("\n\n", KjvText.chapters(text)) + "\n").isEqualTo(text);
  }

  @Test
  void fromReaderOutput_chaptersTenAndThirty_areHeldOut() {
    KjvText text =
        KjvText.fromReaderOutput("1Ki9:1 a\n1Ki9:2 b\n1Ki10:1 c: d\n1Ki11:1 e\nPsa30:1 f\n");
    assertThat(text.training()).isEqualTo("a\nb\n\ne\n");
    assertThat(text.heldOut()).isEqualTo("c: d\n\nf\n");
  }

  @Test
  void fromReaderOutput_lineWithoutPlace_isRefused() {
    assertThatThrownBy(() -> KjvText.fromReaderOutput("In the beginning"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("In the beginning");
  }

  @Test
  void requirePublished_changedText_isRefused() {
    assertThatThrownBy(() -> new KjvText("a", "b").requirePublished())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(KjvText.TRAINING_SHA256);
  }
}
