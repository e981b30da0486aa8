/**
 * What a party must not forget: what it has signed and what its jobs have taken, forced to disk
 * before anything leaves.
 *
 * <p>Start with {@link io.verillm.network.journal.PartyJournal}. Records lie in a {@link
 * io.verillm.core.wire.RecordFile}.
 */
@NullMarked
package io.verillm.network.journal;

import org.jspecify.annotations.NullMarked;
