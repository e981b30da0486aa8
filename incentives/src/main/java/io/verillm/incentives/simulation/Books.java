package io.verillm.incentives.simulation;

/**
 * The money of one run in whole micro-units. Every movement has two sides, so the sum over all
 * accounts never changes; what agents spend outside the ledger is kept apart.
 */
final class Books {
  /** Accounts beyond the agents' wallets and stakes. */
  enum Common {
    CLIENTS(0),
    TREASURY(1),
    BURN(2);

    private final int slot;

    Common(int slot) {
      this.slot = slot;
    }
  }

  private final int agents;
  private final long[] balances;
  private final long[] spent;

  Books(int agents, long stake) {
    this.agents = agents;
    this.balances = new long[2 * agents + Common.values().length];
    this.spent = new long[agents];
    for (int agent = 0; agent < agents; agent++) {
      move(common(Common.CLIENTS), stakeOf(agent), stake);
    }
  }

  int wallet(int agent) {
    return agent;
  }

  int stakeOf(int agent) {
    return agents + agent;
  }

  int common(Common account) {
    return 2 * agents + account.slot;
  }

  void move(int from, int to, long amount) {
    balances[from] = Math.subtractExact(balances[from], amount);
    balances[to] = Math.addExact(balances[to], amount);
  }

  void spend(int agent, long amount) {
    spent[agent] = Math.addExact(spent[agent], amount);
  }

  long balance(int account) {
    return balances[account];
  }

  /** Returns wallet plus change of stake less what was spent outside. */
  double utility(int agent, long stake) {
    return (double) (balances[agent] + balances[agents + agent] - stake - spent[agent]);
  }

  void requireConserved() {
    long sum = 0;
    for (long balance : balances) {
      sum = Math.addExact(sum, balance);
    }
    for (int agent = 0; agent < agents; agent++) {
      if (balances[stakeOf(agent)] < 0) {
        throw new IllegalStateException("stake of agent " + agent + " is negative");
      }
    }
    if (sum != 0) {
      throw new IllegalStateException("the books are off by " + sum);
    }
  }
}
