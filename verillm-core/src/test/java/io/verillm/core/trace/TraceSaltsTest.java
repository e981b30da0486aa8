package io.verillm.core.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.Hkdf;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

class TraceSaltsTest {
  @Test
  void salt_anyNumber_isTheEncryptedBlockNumber() throws Exception {
    byte[] key =
        Hkdf.derive(
            TraceFixtures.SECRET.toByteArray(),
            TraceFixtures.ID.digest().toByteArray(),
            "verillm trace salts v1".getBytes(StandardCharsets.US_ASCII),
            32);
    Cipher block = Cipher.getInstance("AES/ECB/NoPadding");
    block.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"));
    TraceSalts salts = new TraceSalts(TraceFixtures.SECRET, TraceFixtures.ID);
    for (long leaf : new long[] {0, 1, 255, 256, 1L << 31, (1L << 53) - 1, 5, 6, 7}) {
      byte[] number = ByteBuffer.allocate(16).putLong(8, leaf).array();
      assertThat(salts.salt(leaf)).as("leaf %d", leaf).isEqualTo(block.doFinal(number));
    }
  }

  @Test
  void fill_inPiecesOrAtOnce_isOneKeystream() {
    TraceSalts salts = new TraceSalts(TraceFixtures.SECRET, TraceFixtures.ID);
    byte[] whole = new byte[100 * 16];
    salts.fill(40, 100, whole, 0);
    byte[] pieces = new byte[100 * 16 + 3];
    TraceSalts other = new TraceSalts(TraceFixtures.SECRET, TraceFixtures.ID);
    int done = 0;
    for (int count : new int[] {1, 0, 9, 60, 30}) {
      other.fill(40 + done, count, pieces, 3 + done * 16);
      done += count;
    }
    assertThat(Arrays.copyOfRange(pieces, 3, pieces.length)).isEqualTo(whole);
  }

  @Test
  void salt_otherTraceOrSecret_isAnother() {
    byte[] salt = new TraceSalts(TraceFixtures.SECRET, TraceFixtures.ID).salt(3);
    TraceId otherId = new TraceId(Digest32.sha256(new byte[1]));
    JobSecret otherSecret = JobSecret.copyOf(TraceFixtures.filled(32, 8));
    assertThat(new TraceSalts(TraceFixtures.SECRET, otherId).salt(3)).isNotEqualTo(salt);
    assertThat(new TraceSalts(otherSecret, TraceFixtures.ID).salt(3)).isNotEqualTo(salt);
  }

  @Test
  void fill_outOfRange_isRefused() {
    TraceSalts salts = new TraceSalts(TraceFixtures.SECRET, TraceFixtures.ID);
    assertThatIllegalArgumentException().isThrownBy(() -> salts.salt(-1));
    assertThatIllegalArgumentException().isThrownBy(() -> salts.fill(0, -1, new byte[16], 0));
    org.assertj.core.api.Assertions.assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> salts.fill(0, 2, new byte[31], 0));
  }

  @Test
  void jobSecret_wrongLength_isRefusedAndNeverPrinted() {
    assertThatIllegalArgumentException().isThrownBy(() -> JobSecret.copyOf(new byte[31]));
    assertThat(TraceFixtures.SECRET.toString()).isEqualTo("JobSecret");
    assertThat(JobSecret.random(new java.security.SecureRandom()))
        .isNotEqualTo(JobSecret.random(new java.security.SecureRandom()));
  }
}
