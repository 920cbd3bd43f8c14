using System.Globalization;
using System.Security.Cryptography;

namespace Serverless.Tracking.Runs;

/// <summary>Generates names for runs without one: two words and a number, easy to say and to remember.</summary>
public static class RunNames
{
    private static readonly string[] Adjectives =
    [
        "able",
        "bold",
        "bright",
        "calm",
        "capable",
        "clean",
        "colorful",
        "delightful",
        "gentle",
        "honorable",
        "intelligent",
        "kindly",
        "learned",
        "likeable",
        "luminous",
        "magnificent",
        "nimble",
        "orderly",
        "peaceful",
        "persistent",
        "placid",
        "polite",
        "rare",
        "resilient",
        "selective",
        "serious",
        "silent",
        "skillful",
        "sincere",
        "smiling",
        "stylish",
        "tasteful",
        "thoughtful",
        "treasured",
        "trusting",
        "unique",
        "upbeat",
        "useful",
        "valuable",
        "victorious",
        "welcoming",
        "wise",
        "youthful",
    ];

    private static readonly string[] Nouns =
    [
        "ant",
        "bear",
        "bee",
        "carp",
        "colt",
        "crane",
        "crow",
        "deer",
        "dove",
        "duck",
        "eel",
        "elk",
        "finch",
        "fox",
        "frog",
        "goat",
        "goose",
        "hare",
        "hawk",
        "hen",
        "horse",
        "jay",
        "kite",
        "lark",
        "lynx",
        "mole",
        "moose",
        "moth",
        "newt",
        "owl",
        "perch",
        "quail",
        "rook",
        "seal",
        "shrew",
        "snail",
        "stoat",
        "swan",
        "toad",
        "trout",
        "wolf",
        "wren",
    ];

    public static string New() =>
        string.Create(CultureInfo.InvariantCulture, $"{OneOf(Adjectives)}-{OneOf(Nouns)}-{RandomNumberGenerator.GetInt32(1000)}");

    private static string OneOf(string[] words) => words[RandomNumberGenerator.GetInt32(words.Length)];
}
