package io.verillm.network.simulation;

import io.verillm.core.challenge.VrfRandomness;
import io.verillm.core.wire.Digest32;
import io.verillm.core.wire.SignedMessage;
import io.verillm.core.wire.SigningKey;
import io.verillm.core.wire.VerifyingKey;
import io.verillm.incentives.money.Account;
import io.verillm.incentives.money.Journal;
import io.verillm.incentives.money.Micros;
import io.verillm.incentives.money.Settlement;
import io.verillm.incentives.money.SettlementId;
import io.verillm.incentives.simulation.SeededRandom;
import io.verillm.network.committee.StakeTable;
import io.verillm.network.committee.Staker;
import io.verillm.network.message.BeaconSchedule;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Everything that outlives a job of a simulation. One thread. */
final class World {
  static final String NETWORK = "simulation";
  static final Micros STAKE = Micros.ofUnits(100);
  private static final long GENESIS = 1_000_000;
  private static final long PERIOD = 3_000;
  static final Micros WALLET = Micros.ofUnits(10);
  private static final int STRAYS = 64;

  final SimulationSettings settings;
  final Computation computation;
  final SigningKey beacon;
  final VrfRandomness source;
  final BeaconSchedule schedule;
  final Journal money = new Journal();
  private final Map<VerifyingKey, SimulatedNode> nodes = new HashMap<>();
  private final List<SimulatedNode> seated = new ArrayList<>();
  private final List<SimulatedNode> everybody = new ArrayList<>();
  private final List<SignedMessage> strays = new ArrayList<>();
  private StakeTable stakes;
  long now = 2_000_000;
  long messages;
  long bytes;
  long examinedTokens;

  World(SimulationSettings settings, Computation computation) {
    this.settings = settings;
    this.computation = computation;
    this.beacon = key("beacon", 0);
    this.source = new VrfRandomness(beacon.verifyingKey());
    this.schedule = new BeaconSchedule(source.id(), GENESIS, PERIOD);
    for (int i = 0; i < settings.workers(); i++) {
      NodeKind kind =
          i < settings.attackers().size() ? settings.attackers().get(i) : NodeKind.HONEST;
      add(i, kind);
    }
    this.stakes = table();
  }

  static byte[] bytes(long value) {
    return ByteBuffer.allocate(8).putLong(value).array();
  }

  SigningKey key(String role, long number) {
    return SigningKey.fromSeed(
        Digest32.sha256(
                role.getBytes(java.nio.charset.StandardCharsets.US_ASCII),
                bytes(settings.seed()),
                bytes(number))
            .toByteArray());
  }

  private void add(int place, NodeKind kind) {
    int number = everybody.size();
    String owner = kind == NodeKind.COLLUDING ? "coalition-" + number : "owner-" + number;
    SimulatedNode node = new SimulatedNode(key("node", number), owner, kind);
    everybody.add(node);
    nodes.put(node.id(), node);
    if (place < seated.size()) {
      seated.set(place, node);
    } else {
      seated.add(node);
    }
    mint(Account.wallet(node.id().toString()), WALLET);
    mint(Account.stake(node.id().toString()), STAKE);
  }

  /** An honest newcomer takes the place of a node that is proven guilty or has no stake left. */
  void replace(SimulatedNode gone) {
    int place = seated.indexOf(gone);
    if (place >= 0) {
      add(place, NodeKind.HONEST);
      stakes = table();
    }
  }

  private StakeTable table() {
    return StakeTable.of(
        seated.stream().map(node -> new Staker(node.id(), node.owner, stake(node))).toList());
  }

  /** What is left of a node's stake. */
  Micros stake(SimulatedNode node) {
    return money.balance(Account.stake(node.id().toString()));
  }

  /** An epoch was settled: who is drawn follows what is left of the stakes. */
  void stakesChanged() {
    for (int place = 0; place < seated.size(); place++) {
      if (!stake(seated.get(place)).isPositive()) {
        add(place, NodeKind.HONEST);
      }
    }
    stakes = table();
  }

  StakeTable stakes() {
    return stakes;
  }

  List<SimulatedNode> everybody() {
    return everybody;
  }

  SimulatedNode node(VerifyingKey id) {
    SimulatedNode node = nodes.get(id);
    if (node == null) {
      throw new IllegalStateException("no node " + id.shortHex());
    }
    return node;
  }

  Optional<SimulatedNode> find(VerifyingKey id) {
    return Optional.ofNullable(nodes.get(id));
  }

  void mint(Account account, Micros amount) {
    transfer("mint/" + account, Account.OUTSIDE, account, amount);
  }

  /**
   * Moves money once.
   *
   * @param why names the movement; one name moves money once
   */
  void transfer(String why, Account from, Account to, Micros amount) {
    post(Settlement.transfer(SettlementId.of(why), from, to, amount));
  }

  void post(Settlement settlement) {
    if (!money.post(settlement).isInLedger()) {
      throw new IllegalStateException("the ledger refused " + settlement);
    }
  }

  Optional<SignedMessage> stray() {
    return strays.isEmpty()
        ? Optional.empty()
        : Optional.of(strays.get((int) (messages % strays.size())));
  }

  void remember(SignedMessage message, SeededRandom random) {
    if (strays.size() < STRAYS) {
      strays.add(message);
    } else if (random.happens(0.1)) {
      strays.set(random.nextInt(STRAYS), message);
    }
  }
}
