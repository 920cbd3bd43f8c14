using System.Text;
using Serverless.Core;

namespace Serverless.Data.Params;

/// <summary>Reads a text file as strict UTF-8. Errors use the file's name as the user wrote it.</summary>
public static class TextFile
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>For files of definitions and values, which people write.</summary>
    public const int MostBytes = 32 << 20;

    public static string Read(string fullPath, string file)
    {
        byte[] bytes;
        try
        {
            if (new FileInfo(fullPath) is { Exists: true, Length: > MostBytes })
            {
                throw ServerlessException.Invalid(
                    $"unable to read: '{file}', it is longer than {MostBytes >> 20} MiB",
                    [new Diagnostic(file, 0, $"the file is longer than {MostBytes >> 20} MiB", "Keep data out of it.")]
                );
            }

            bytes = File.ReadAllBytes(fullPath);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var missing = e is FileNotFoundException or DirectoryNotFoundException;
            throw ServerlessException.Invalid(
                missing ? $"'{file}' does not exist" : $"unable to read: '{file}', {e.Message}",
                [new Diagnostic(file, 0, missing ? $"'{file}' does not exist" : $"cannot be read: {e.Message}")]
            );
        }

        return Decode(bytes, file);
    }

    /// <summary>Decodes a file's bytes.</summary>
    public static string Decode(byte[] bytes, string file)
    {
        try
        {
            var text = Strict.GetString(bytes);
            return text.StartsWith('\uFEFF') ? text[1..] : text;
        }
        catch (DecoderFallbackException e)
        {
            var line = bytes.AsSpan(0, Math.Clamp(e.Index, 0, bytes.Length)).Count((byte)'\n') + 1;
            throw ServerlessException.Invalid(
                $"unable to read: '{file}', is not valid utf-8",
                [new Diagnostic(file, line, "the file is not valid utf-8", "Save it as UTF-8.")]
            );
        }
    }
}
