using System.Text.RegularExpressions;

namespace Serverless.Core.Security;

/// <summary>Recognises secrets by name or by value.</summary>
public static partial class Secrets
{
    public const string Mask = "***";

    /// <summary>The minimum length of a secret. No issuer uses shorter keys.</summary>
    private const int MinLength = 6;

    /// <summary>The length of the shortest text that <see cref="SecretValue"/> matches: `://a:bcd@`.</summary>
    private const int ShortestValue = 9;

    /// <summary>Returns true if a value with this name should not be written down.</summary>
    public static bool IsSecret(string name, string value) =>
        value.Length >= MinLength && (LooksSecret(value) || IsNamedSecret(name, value));

    /// <summary>Returns true for `env:NAME`, which names the location of a secret and is not a secret itself.</summary>
    public static bool IsReference(string value) => Reference().IsMatch(value);

    public static bool NamesSecret(string name) =>
        !IsWorkingDirectory(name) && (SecretName().IsMatch(Apart(name)) || TokenName().IsMatch(Apart(name)));

    public static bool LooksSecret(string value) => value.Length >= ShortestValue && SecretValue().IsMatch(value);

    /// <summary>
    /// Returns the part of a value that may be kept. If the name denotes a secret, all of the value is replaced by <see cref="Mask"/>. If
    /// a text contains a secret (an address or JSON, for example), only that part is replaced.
    /// </summary>
    public static string Masked(string name, string value)
    {
        if (value.Length < MinLength || value == Mask)
        {
            return value;
        }

        if (IsNamedSecret(name, value))
        {
            return Mask;
        }

        if (value.Length >= ShortestValue)
        {
            value = SecretValue().Replace(value, m => m.Value.StartsWith("://", StringComparison.Ordinal) ? $"://{Mask}@" : Mask);
        }

        return value[0] is '{' or '['
            ? JsonPair()
                .Replace(
                    value,
                    m => IsNamedSecret(m.Groups["name"].Value, m.Groups["value"].Value) ? m.Groups["start"].Value + Mask + '"' : m.Value
                )
            : value;
    }

    /// <summary>Returns the text without those values.</summary>
    public static string Masked(string text, IEnumerable<string> values) =>
        values.Aggregate(text, (t, value) => t.Replace(value, Mask, StringComparison.Ordinal));

    /// <summary>Gets the values of the process's environment variables that must not reach a log.</summary>
    public static IReadOnlyList<string> OfEnvironment()
    {
        var found = new List<string>();
        foreach (System.Collections.DictionaryEntry entry in Environment.GetEnvironmentVariables())
        {
            if (entry is { Key: string name, Value: string value } && value.Length >= 8 && IsSecret(name, value) && !IsPath(value))
            {
                found.Add(value);
            }
        }

        // A value that contains another one goes first, or a rest of it would remain.
        return [.. found.Distinct().OrderByDescending(v => v.Length)];
    }

    // GOOGLE_APPLICATION_CREDENTIALS says where a secret is. Masked, every traceback would lose its folder.
    private static bool IsPath(string value) => Path.IsPathRooted(value) && (Directory.Exists(value) || File.Exists(value));

    /// <summary>Every shell exports its folder under these names; `pwd` in a parameter may be a password, and DB_PWD is one.</summary>
    private static bool IsWorkingDirectory(string name) => name is "PWD" or "OLDPWD";

    private static bool IsNamedSecret(string name, string value)
    {
        var words = Apart(name);
        if (value.Length < MinLength || value == Mask || IsReference(value) || IsWorkingDirectory(name))
        {
            return false;
        }

        // `token` may also be a word in a text: `eos_token` is `<|endoftext|>`. Issued tokens consist of letters and digits.
        return SecretName().IsMatch(words)
            ? !double.TryParse(value, out _) && !bool.TryParse(value, out _)
            : TokenName().IsMatch(words) && Issued().IsMatch(value) && !double.TryParse(value, out _);
    }

    private static string Apart(string name) => Words().Replace(name, "_$0");

    // A separate word: `password` matches, `passwordless` does not.
    [GeneratedRegex(
        @"(^|[_\-. ])(password|passwd|pwd|secret|credentials?|api_?key|access_?key|account_?key|private_?key|secret_?key|"
            + @"connection_?string|(access|auth|api|bearer|refresh|hf|github|session|personal|bot)_?token)($|[_\-. ])",
        RegexOptions.IgnoreCase
    )]
    private static partial Regex SecretName();

    [GeneratedRegex("^env:[A-Za-z_][A-Za-z0-9_]*$")]
    private static partial Regex Reference();

    // At the end of the name: `max_tokens`, `tokenizer` and `token_pattern` do not match.
    [GeneratedRegex(@"(^|[_\-. ])(token|sas)$", RegexOptions.IgnoreCase)]
    private static partial Regex TokenName();

    [GeneratedRegex(@"^(?=.*[0-9])[A-Za-z0-9_\-.+/=~:]{8,}$|^[A-Za-z0-9_\-.+/=~:]{20,}$")]
    private static partial Regex Issued();

    [GeneratedRegex("(?<=[a-z0-9])[A-Z]")]
    private static partial Regex Words();

    [GeneratedRegex(@"(?<start>""(?<name>[^""\\]{1,100})""\s*:\s*"")(?<value>(?:[^""\\]|\\.){6,})""")]
    private static partial Regex JsonPair();

    [GeneratedRegex(
        @"AKIA[0-9A-Z]{16}|-----BEGIN [A-Z ]*PRIVATE KEY-----([\s\S]*?-----END [A-Z ]*PRIVATE KEY-----|[\s\S]*)|"
            + @"AccountKey=[A-Za-z0-9+/=]{20,}|SharedAccessSignature=[^;\s""']*|(?<=[?&])sig=[A-Za-z0-9%+/=]{20,}|"
            + @"gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{30,}|hf_[A-Za-z0-9]{30,}|xox[abprs]-[\w-]{10,}|"
            + @"\bsk-[A-Za-z0-9_-]{24,}|eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}|://[^/\s:@""']*:[^/\s:@""']{3,}@"
    )]
    private static partial Regex SecretValue();
}
