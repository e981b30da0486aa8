/**
 * Reports as one HTML file that opens offline.
 *
 * <p>Start at {@link io.verillm.cli.report.HtmlReport}: a title, a lead sentence and a list of
 * {@link io.verillm.cli.report.ReportSection}s. {@link io.verillm.cli.report.Charts} makes the
 * chart sections; {@link io.verillm.cli.report.DemoReport} is the report of {@code verillm demo}.
 *
 * <p>Prompts, answers and names in a report come from machines that nobody here controls. All text
 * passes {@code HtmlText}, all data is embedded as inert JSON, and the page's content security
 * policy lets only the scripts run whose SHA-256 it lists and loads nothing from anywhere. A report
 * shows what a check found; it is not signed and proves nothing by itself.
 */
@NullMarked
package io.verillm.cli.report;

import org.jspecify.annotations.NullMarked;
