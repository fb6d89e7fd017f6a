package org.pinpipeline.connect;

import java.util.Set;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.retry.RetryUtils;

/**
 * Which errors of S3 are transient: the same request may succeed later, without anyone changing anything.
 *
 * <p>The codes are those of S3's list of error responses, and of KMS where the bucket is encrypted by a key. A code in
 * neither set goes by its status. Without any answer, an error is transient.
 */
final class S3Answers {
    /** Load, a fault or a conflict of the server's; credentials that the role is about to renew; a clock to correct. */
    private static final Set<String> TRANSIENT = Set.of(
            "InternalError", "ServiceUnavailable", "SlowDown", "RequestTimeout", "RequestTimeTooSkewed",
            "OperationAborted", "ConditionalRequestConflict", "TooManyRequests", "Throttling", "ThrottlingException",
            "RequestLimitExceeded", "BandwidthLimitExceeded", "ExpiredToken", "RequestExpired", "TokenRefreshRequired",
            "IncompleteBody", "BadDigest", "TemporaryRedirect", "KMS.ThrottlingException",
            "KMS.KMSInternalException", "KMS.DependencyTimeoutException");
    /** Every request gets the same answer until the bucket, the key, the role or the configuration changes. */
    private static final Set<String> PERMANENT = Set.of(
            "PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException",
            "AccessDenied", "AccountProblem", "AllAccessDisabled", "InvalidAccessKeyId", "InvalidToken",
            "SignatureDoesNotMatch", "NotSignedUp", "InvalidBucketName", "NoSuchBucket", "NoSuchKey",
            "InvalidObjectState", "InvalidRequest", "InvalidArgument", "EntityTooLarge", "KeyTooLongError",
            "MetadataTooLarge", "MethodNotAllowed", "NotImplemented", "PreconditionFailed", "InvalidStorageClass",
            "KMS.DisabledException", "KMS.NotFoundException", "KMS.KMSInvalidStateException",
            "KMS.InvalidKeyUsageException");

    private S3Answers() {}

    /** Whether the same request may succeed later. */
    static boolean mayPass(SdkException error) {
        String code = code(error);
        if (TRANSIENT.contains(code) || PERMANENT.contains(code)) {
            return TRANSIENT.contains(code);
        }
        int status = status(error);
        return status == 0 || status >= 500 || status == 408 || status == 409 || status == 429
                || RetryUtils.isThrottlingException(error) || RetryUtils.isClockSkewException(error);
    }

    /** What S3 says, and where the bucket is when it is in another region. */
    static String explain(SdkException error) {
        if (!(error instanceof AwsServiceException answer) || answer.awsErrorDetails() == null
                || answer.awsErrorDetails().sdkHttpResponse() == null) {
            return error.getMessage();
        }
        return answer.awsErrorDetails().sdkHttpResponse().firstMatchingHeader("x-amz-bucket-region")
                .filter(region -> status(error) == 301 || status(error) == 400)
                .map(region -> "the bucket is in region " + region + ": set " + S3SinkConfig.REGION + " to it ("
                        + error.getMessage() + ")")
                .orElse(error.getMessage());
    }

    /** The HTTP status that S3 answered with, 0 when it did not answer. */
    static int status(SdkException error) {
        return error instanceof AwsServiceException answer ? answer.statusCode() : 0;
    }

    private static String code(SdkException error) {
        return error instanceof AwsServiceException answer && answer.awsErrorDetails() != null
                && answer.awsErrorDetails().errorCode() != null ? answer.awsErrorDetails().errorCode() : "";
    }
}
