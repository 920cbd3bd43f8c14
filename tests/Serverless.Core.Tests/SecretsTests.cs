using Serverless.Core.Security;

namespace Serverless.Core.Tests;

/// <summary>What is a secret, and what only looks a little like one.</summary>
public sealed class SecretsTests
{
    [Theory]
    [InlineData("password", "hunter2!", "***")]
    [InlineData("db.password", "correct horse", "***")]
    [InlineData("apiKey", "q8s7d6f5g4", "***")]
    [InlineData("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG", "***")]
    [InlineData("hf_token", "something", "***")]
    [InlineData("token", "9f8a7b6c5d4e3f2a", "***")]
    [InlineData("note", "use AKIAABCDEFGHIJKLMNOP for it", "use *** for it")]
    [InlineData("mlflow.source.git.repoURL", "https://me:s3cr3t@example.org/r.git", "https://***@example.org/r.git")]
    [InlineData(
        "source",
        "https://a.blob.core.windows.net/c/x?sv=1&sig=abcdefghijklmnopqrstuvwxyz%3D",
        "https://a.blob.core.windows.net/c/x?sv=1&***"
    )]
    [InlineData("config", """{"lr": 0.1, "api_key": "q8s7d6f5g4", "model": "x"}""", """{"lr": 0.1, "api_key": "***", "model": "x"}""")]
    [InlineData("pem", "a -----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY----- b", "a *** b")]
    [InlineData("pem", "-----BEGIN PRIVATE KEY-----\nMIIEcut", "***")]
    public void What_is_secret_gives_way_and_the_rest_stays(string name, string value, string expected)
    {
        Assert.Equal(expected, Secrets.Masked(name, value));
        Assert.Equal(expected, Secrets.Masked(name, expected));
    }

    [Theory]
    [InlineData("token_pattern", @"(?u)\b\w\w+\b")]
    [InlineData("max_tokens", "100000")]
    [InlineData("tokenizer", "bert-base-uncased-2024")]
    [InlineData("eos_token", "<|endoftext|>")]
    [InlineData("pad_token", "[PADDING]")]
    [InlineData("bos_token", "startoftext")]
    [InlineData("password_strength", "true")]
    [InlineData("token", "1234567")]
    [InlineData("mlflow.source.git.commit", "9f8a7b6c5d4e3f2a1b0c9f8a7b6c5d4e3f2a1b0c")]
    [InlineData("run_id", "0123456789abcdef0123456789abcdef")]
    [InlineData("digest", "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData("mlflow.source.git.repoURL", "git@github.com:o/r.git")]
    [InlineData("url", "http://host:5000/path@version")]
    [InlineData(
        "mlflow.log-model.history",
        """[{"run_id": "0123456789abcdef0123456789abcdef", "flavors": {"python_function": {"loader_module": "mlflow.sklearn"}}}]"""
    )]
    [InlineData("name", "task-risk-and-other-words-that-hold-sk-in-them")]
    [InlineData("estimator", "RandomForestClassifier(max_depth=3)")]
    public void What_is_none_stays(string name, string value) => Assert.Equal(value, Secrets.Masked(name, value));

    [Theory]
    [InlineData("PWD", "/home/anna/churn", false)]
    [InlineData("OLDPWD", "/home/anna", false)]
    [InlineData("DB_PWD", "hunter2-hunter2", true)]
    [InlineData("pwd", "hunter2-hunter2", true)]
    public void The_folder_that_a_shell_stands_in_is_no_secret(string name, string value, bool expected) =>
        Assert.Equal(expected, Secrets.IsSecret(name, value));
}
