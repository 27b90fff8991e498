-- The account with which `virtman nova` works, and the schema that is its own. Replace CHANGE-ME, and
-- '%' where yours differs; then, as an administrator:
--
--     mariadb < etc/mysql-grants-nova.sql
--
-- It may not touch anything else: neither Nova's databases nor Cinder's. No DROP: nothing here ever
-- loses a table. It can be run again.

CREATE USER IF NOT EXISTS 'virtman_nova'@'%' IDENTIFIED BY 'CHANGE-ME';

CREATE DATABASE IF NOT EXISTS virtman_nova DEFAULT CHARACTER SET utf8mb4;
GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX
    ON virtman_nova.* TO 'virtman_nova'@'%';
