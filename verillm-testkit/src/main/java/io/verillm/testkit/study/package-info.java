/**
 * The detection study: provers of one tolerant class that deviate in one thing each, in processes
 * of their own.
 *
 * <p>Start with {@link io.verillm.testkit.study.StudyProver}; {@link
 * io.verillm.testkit.study.ProverService} is how a process serves orders over its standard streams.
 */
@NullMarked
package io.verillm.testkit.study;

import org.jspecify.annotations.NullMarked;
