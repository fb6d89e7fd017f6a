package org.pinpipeline.connect;

import org.apache.kafka.connect.errors.ConnectException;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;

/** Makes the S3 client that a configuration asks for. */
final class S3Clients {
    private S3Clients() {}

    /** With the JDK's HTTP client, and credentials from the environment, a profile or a role. */
    static S3Client of(S3SinkConfig config) {
        AwsCredentialsProvider credentials = DefaultCredentialsProvider.builder().build();
        try {
            // Having none is a mistake to be told at once; failing to get new ones later may pass.
            credentials.resolveCredentials();
        } catch (SdkClientException e) {
            throw new ConnectException("no AWS credentials for the S3 sink: " + e.getMessage(), e);
        }
        return of(config, credentials, UrlConnectionHttpClient.create());
    }

    static S3Client of(S3SinkConfig config, AwsCredentialsProvider credentials, SdkHttpClient http) {
        S3ClientBuilder builder = S3Client.builder()
                .region(Region.of(config.region()))
                .forcePathStyle(config.pathStyle())
                .credentialsProvider(credentials)
                .httpClient(http)
                .overrideConfiguration(o -> o.retryStrategy(r -> r.maxAttempts(config.retries() + 1)));
        config.storeUrl().ifPresent(builder::endpointOverride);
        return builder.build();
    }
}
