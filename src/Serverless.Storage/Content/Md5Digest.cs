using System.Buffers.Binary;
using System.Globalization;
using Serverless.Core;

namespace Serverless.Storage.Content;

/// <summary>An MD5 in sixteen bytes. A million of these fit into memory where their hex texts would not.</summary>
public readonly record struct Md5Digest(ulong High, ulong Low)
{
    public const int Bytes = 16;
    public const int HexLength = 32;

    public static Md5Digest From(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]));

    public static bool TryParse(ReadOnlySpan<char> hex, out Md5Digest digest)
    {
        digest = default;
        if (
            hex.Length != HexLength
            || !ulong.TryParse(hex[..16], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var high)
            || !ulong.TryParse(hex[16..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var low)
        )
        {
            return false;
        }

        digest = new Md5Digest(high, low);
        return true;
    }

    public static bool TryParse(ReadOnlySpan<byte> hex, out Md5Digest digest)
    {
        Span<char> text = stackalloc char[HexLength];
        if (hex.Length != HexLength)
        {
            digest = default;
            return false;
        }

        for (var i = 0; i < hex.Length; i++)
        {
            text[i] = (char)hex[i];
        }

        return TryParse(text, out digest);
    }

    public static Md5Digest Parse(string hex) =>
        TryParse(hex.AsSpan(), out var digest)
            ? digest
            : throw ServerlessException.Invalid($"'{hex}' is not an MD5. Expected 32 hexadecimal digits.");

    public void CopyTo(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt64BigEndian(bytes, High);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], Low);
    }

    /// <summary>Writes 32 ASCII digits in lower case.</summary>
    public void WriteHex(Span<byte> ascii)
    {
        Span<byte> bytes = stackalloc byte[Bytes];
        CopyTo(bytes);
        Convert.TryToHexStringLower(bytes, ascii, out _);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{High:x16}{Low:x16}");
}
