/**
 * The kubelet as a client: a real one, without an API server, that runs pods from files on a node
 * under test. What a runtime can be asked without a kubelet is tested elsewhere.
 */
package io.gantry.tests.kubelet;
