@storage @P2 @seed-baseline
Feature: A store for recordings
  Recordings and snapshots go into buckets of a store that speaks S3.

  Scenario: A bucket in a store of its own
    Given a MinIO server is running in a container with service name "minio"
    Then a bucket "recordings" is created in MinIO service "minio"

  Scenario: A store with keys of its own
    Given a MinIO server is running in a container with service name "minio" with access key "tower-user" and secret key "tower-secret"
    Then a bucket "recordings" is created in MinIO service "minio"
    And a bucket "snapshots" is created in MinIO service "minio"
