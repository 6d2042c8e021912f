/**
 * Writable layers that outlive containers: their records, who has which one now, and the RPCs that
 * make, remove and list them. What lies in a layer is not looked at here.
 */
package io.gantry.cri.writable;
