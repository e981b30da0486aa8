/**
 * Faults that anybody can check offline: evidence carries the accused's own signature, or shows in
 * every log of the job that an accepted deadline passed in silence. A quorum's word proves nothing
 * here.
 *
 * <p>Start with {@link io.verillm.network.fault.FaultEvidence} and {@link
 * io.verillm.network.fault.FaultJudge}; {@link io.verillm.network.fault.JobLog} keeps the log that
 * silence is shown by.
 */
@NullMarked
package io.verillm.network.fault;

import org.jspecify.annotations.NullMarked;
