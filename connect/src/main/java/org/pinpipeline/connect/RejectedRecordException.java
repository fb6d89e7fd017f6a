package org.pinpipeline.connect;

import org.apache.kafka.connect.errors.DataException;

/** A record that cannot land. The message is the reason that people read beside it: short, without the payload. */
public class RejectedRecordException extends DataException {
    private static final long serialVersionUID = 1;

    public RejectedRecordException(String reason) {
        super(reason);
    }
}
