/**
 * The first pod of the quickstart on machines that have no crictl. It knows one pod and is no
 * general client.
 */
package io.gantry.tests.quickstart;
