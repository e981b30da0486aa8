/**
 * Evidence that may be looked at after every observation: sequential probability ratio test,
 * e-processes, betting, confidence sequences, calibrators, change detection. Start with {@link
 * io.verillm.stats.sequential.OneSidedBetaMixture}; the rule that across receipts only exceedances
 * of a fixed threshold enter wealth stands there.
 */
@NullMarked
package io.verillm.stats.sequential;

import org.jspecify.annotations.NullMarked;
