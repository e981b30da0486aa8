package io.verillm.network.beacon;

import io.verillm.core.challenge.NamedRandomness;
import io.verillm.core.challenge.RandomnessSource;

/** Lets policy files name drand's quicknet. */
public final class QuicknetByName implements NamedRandomness {
  /** For the service loader. */
  public QuicknetByName() {}

  @Override
  public String name() {
    return DrandBeacon.QUICKNET_NAME;
  }

  @Override
  public RandomnessSource source() {
    return DrandBeacon.quicknet();
  }
}
