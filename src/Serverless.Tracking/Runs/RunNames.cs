using System.Globalization;
using System.Security.Cryptography;

namespace Serverless.Tracking;

/// <summary>Names for runs whose client gave none: two words and a number, easy to say and to remember.</summary>
public static class RunNames
{
    private static readonly string[] Adjectives =
        ["able", "amber", "bold", "brave", "bright", "brisk", "calm", "clear", "clever", "deep", "eager", "early", "fair", "fast", "fine", "fond", "gentle", "glad",
         "grand", "keen", "kind", "light", "lively", "loyal", "lucky", "merry", "mild", "neat", "noble", "proud", "quick", "quiet", "rare", "ready", "sharp", "smart",
         "snug", "sound", "spry", "steady", "still", "sunny", "swift", "tidy", "vivid", "warm", "wise", "young"];

    private static readonly string[] Nouns =
        ["ant", "badger", "bear", "bee", "bison", "carp", "colt", "crane", "crow", "deer", "dove", "duck", "eel", "elk", "falcon", "finch", "fox", "frog", "goat",
         "goose", "hare", "hawk", "hen", "heron", "horse", "jay", "kite", "lark", "lynx", "mole", "moose", "moth", "newt", "otter", "owl", "perch", "pony", "quail",
         "rook", "seal", "shrew", "snail", "stoat", "swan", "toad", "trout", "wolf", "wren"];

    public static string New() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Adjectives[RandomNumberGenerator.GetInt32(Adjectives.Length)]}-{Nouns[RandomNumberGenerator.GetInt32(Nouns.Length)]}-{RandomNumberGenerator.GetInt32(1000)}");
}
