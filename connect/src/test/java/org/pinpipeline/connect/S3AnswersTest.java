package org.pinpipeline.connect;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** Which answers of S3 may be others later: the codes and statuses of S3's list of error responses. */
class S3AnswersTest {
    @ParameterizedTest
    @CsvSource({
        "500, InternalError", "503, ServiceUnavailable", "503, SlowDown", "400, RequestTimeout",
        "403, RequestTimeTooSkewed", "409, OperationAborted", "409, ConditionalRequestConflict",
        "400, ExpiredToken", "403, RequestExpired", "400, TokenRefreshRequired", "400, BadDigest",
        "400, IncompleteBody", "307, TemporaryRedirect", "400, KMS.ThrottlingException",
        "429, TooManyRequests", "400, ThrottlingException", "502, SomethingNew", "408, SomethingNew", "504, ''"
    })
    void mayBeOthersLater(int status, String code) {
        assertEquals(true, S3Answers.mayPass(answer(status, code, null)));
    }

    @ParameterizedTest
    @CsvSource({
        "301, PermanentRedirect", "400, AuthorizationHeaderMalformed", "403, AccessDenied",
        "403, InvalidAccessKeyId", "400, InvalidToken", "403, SignatureDoesNotMatch", "404, NoSuchBucket",
        "400, InvalidBucketName", "403, AllAccessDisabled", "400, EntityTooLarge", "400, InvalidArgument",
        "400, KMS.DisabledException", "400, KMS.NotFoundException", "405, MethodNotAllowed", "301, ''",
        "302, SomethingNew", "400, SomethingNew", "403, SomethingNew", "404, ''"
    })
    void stayAsTheyAre(int status, String code) {
        assertEquals(false, S3Answers.mayPass(answer(status, code, null)));
    }

    @Test
    void mayComeAfterNone() {
        assertEquals(true, S3Answers.mayPass(SdkClientException.create("Connection reset")));
    }

    @Test
    void nameTheRegionThatTheBucketIsIn() {
        assertEquals("the bucket is in region eu-west-1: set s3.region to it (moved (Service: null, Status Code: 301,"
                + " Request ID: null))", S3Answers.explain(answer(301, "PermanentRedirect", "eu-west-1")));
    }

    private static S3Exception answer(int status, String code, String region) {
        SdkHttpResponse.Builder response = SdkHttpResponse.builder().statusCode(status);
        if (region != null) {
            response.putHeader("x-amz-bucket-region", region);
        }
        return (S3Exception) S3Exception.builder().statusCode(status)
                .awsErrorDetails(AwsErrorDetails.builder().errorCode(code).errorMessage("moved")
                        .sdkHttpResponse(response.build()).build())
                .build();
    }
}
