/**
 * Who judges a job: stake-weighted sortition of committees, how large they must be, and whether
 * honest play pays under given terms.
 *
 * <p>Start with {@link io.verillm.network.committee.StakeTable} and its {@code draw}, then {@link
 * io.verillm.network.committee.CommitteeSizes} and {@link
 * io.verillm.network.committee.JobTermsCheck}. Sizes follow lemmas E.1 and E.2 of VeriLLM v4 (arXiv
 * 2509.24257, appendix E) with exact tails beside them.
 */
@NullMarked
package io.verillm.network.committee;

import org.jspecify.annotations.NullMarked;
