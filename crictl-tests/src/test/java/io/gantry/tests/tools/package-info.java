/**
 * Programs the tests run: processes with a deadline, crictl and critest built from source. Nothing
 * that knows the daemon under test lives here.
 */
package io.gantry.tests.tools;
