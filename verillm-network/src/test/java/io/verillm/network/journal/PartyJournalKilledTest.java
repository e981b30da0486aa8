package io.verillm.network.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.FileCounter;
import io.verillm.core.wire.MessageType;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.SigningKey;
import io.verillm.network.message.Commitment;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills a working party with -9 at random moments and looks at what had left it: over all its lives
 * it must have said one thing per slot, and know every job it was ever busy with.
 */
class PartyJournalKilledTest {
  private static final long SEED = 20260102;
  private static final SigningKey KEY = SigningKey.fromSeed(new byte[32]);

  @TempDir Path folder;

  static Digest32 job(int number) {
    return Digest32.sha256(Integer.toString(number).getBytes(StandardCharsets.US_ASCII));
  }

  /** Resumes its open jobs, then takes new ones; every commitment has a fresh random salt. */
  static final class Party {
    private Party() {}

    public static void main(String[] arguments) throws Exception {
      Path folder = Path.of(arguments[0]);
      SecureRandom random = new SecureRandom();
      try (PartyJournal journal =
              PartyJournal.open(
                  folder.resolve("party"),
                  KEY,
                  "test",
                  new FileCounter(folder.resolve("counter")));
          RandomAccessFile left = new RandomAccessFile(folder.resolve("left").toFile(), "rw")) {
        left.seek(left.length());
        for (Digest32 open : journal.openJobs().keySet()) {
          work(journal, left, open, random);
        }
        int next = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 0;
        for (int number = next; ; number++) {
          journal.keep(job(number), new byte[] {1});
          left.write(("open " + job(number) + "\n").getBytes(StandardCharsets.US_ASCII));
          // Some jobs stay open, as those do that wait for somebody else.
          if (number % 3 != 0) {
            work(journal, left, job(number), random);
          }
        }
      }
    }

    private static void work(
        PartyJournal journal, RandomAccessFile left, Digest32 job, SecureRandom random)
        throws Exception {
      byte[] salt = new byte[32];
      random.nextBytes(salt);
      for (int round = 1; round <= 2; round++) {
        SignedMessage message =
            journal.sign(
                MessageType.COMMITMENT, new Commitment(job, round, Digest32.sha256(salt)).encode());
        left.write(
            ("sent " + job + " " + round + " " + message.id() + "\n")
                .getBytes(StandardCharsets.US_ASCII));
      }
      journal.finish(job);
      left.write(("done " + job + "\n").getBytes(StandardCharsets.US_ASCII));
    }
  }

  @Test
  void party_killedAFewTimes_saysOneThingPerSlot() throws Exception {
    killAndLook(6);
  }

  @Test
  @Tag("long")
  void party_killedHundredsOfTimes_saysOneThingPerSlot() throws Exception {
    killAndLook(300);
  }

  private void killAndLook(int lives) throws Exception {
    Random random = new Random(SEED);
    Path left = folder.resolve("left");
    Files.createFile(left);
    for (int life = 0; life < lives; life++) {
      Process child =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-Xmx128m",
                  "-XX:TieredStopAtLevel=1",
                  "-cp",
                  System.getProperty("java.class.path"),
                  Party.class.getName(),
                  folder.toString(),
                  Integer.toString(life * 100_000))
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("log").toFile())
              .start();
      long before = Files.size(left);
      while (Files.size(left) < before + 300 && child.isAlive()) {
        Thread.sleep(1);
      }
      Thread.sleep(random.nextInt(40));
      child.destroyForcibly(); // SIGKILL
      assertThat(child.waitFor(30, TimeUnit.SECONDS)).isTrue();
      assertThat(Files.readString(folder.resolve("log"))).as("life %d", life).isEmpty();
    }
    List<String> lines = Files.readAllLines(left);
    assertThat(lines.stream().filter(line -> line.startsWith("sent "))).hasSizeGreaterThan(lives);
    look(lines);
  }

  private void look(List<String> lines) throws Exception {
    Map<String, String> saidPerSlot = new HashMap<>();
    Set<String> opened = new HashSet<>();
    Set<String> done = new HashSet<>();
    for (String line : lines) {
      String[] words = line.split(" ");
      if (words[0].equals("sent") && words.length == 4) {
        String earlier = saidPerSlot.putIfAbsent(words[1] + " " + words[2], words[3]);
        assertThat(earlier == null || earlier.equals(words[3])).as(line).isTrue();
      } else if (words[0].equals("open")) {
        opened.add(words[1]);
      } else if (words[0].equals("done")) {
        done.add(words[1]);
      }
    }
    assertThat(saidPerSlot).isNotEmpty();
    try (PartyJournal journal =
        PartyJournal.open(
            folder.resolve("party"), KEY, "test", new FileCounter(folder.resolve("counter")))) {
      for (String job : opened) {
        boolean known = journal.openJobs().containsKey(Digest32.parse(job));
        boolean finished =
            journal
                .signed(new SigningSlot(MessageType.COMMITMENT, Digest32.parse(job), 2))
                .isPresent();
        assertThat(known || finished).as("job %s was forgotten", job).isTrue();
      }
      for (String job : done) {
        assertThat(journal.openJobs()).doesNotContainKey(Digest32.parse(job));
      }
      for (Map.Entry<String, String> said : saidPerSlot.entrySet()) {
        String[] slot = said.getKey().split(" ");
        assertThat(
                journal.signed(
                    new SigningSlot(
                        MessageType.COMMITMENT,
                        Digest32.parse(slot[0]),
                        Integer.parseInt(slot[1]))))
            .hasValueSatisfying(
                message -> assertThat(message.id().toString()).isEqualTo(said.getValue()));
      }
    }
  }
}
