/**
 * The same pod cycle on gantry and on Debian's containerd, measured side by side in one run. It
 * asks the runtimes through the CRI only and lives on the test classes that start them.
 */
package io.gantry.tests.bench;
