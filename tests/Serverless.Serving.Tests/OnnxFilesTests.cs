using System.Diagnostics;
using System.Text;
using Serverless.Core;
using Serverless.Serving.Onnx;
using Serverless.Testing;

namespace Serverless.Serving.Tests;

/// <summary>A model names files of its folder, or none.</summary>
public sealed class OnnxFilesTests : IDisposable
{
    private readonly TestFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("/etc/passwd")]
    [InlineData("/etc/no-such-file")]
    [InlineData("../secret")]
    [InlineData("../no-such-file")]
    [InlineData("sub/../../secret")]
    [InlineData("..\\secret")]
    [InlineData("link")]
    [InlineData("linked/secret")]
    [InlineData("pipe")]
    [InlineData("missing.onnx")]
    [InlineData("sub")]
    [InlineData("")]
    [InlineData("a\0b")]
    public void Anything_else_is_refused_in_the_same_words(string name)
    {
        Prepare();

        Assert.Equal(
            "The ONNX model names a file that is not a file of its folder.",
            Assert.Throws<ServerlessException>(() => OnnxFiles.Find(folder.At("m"), name)).Message
        );
    }

    [Theory]
    [InlineData("weights.bin", true)]
    [InlineData("../secret", false)]
    [InlineData("/etc/passwd", false)]
    [InlineData("link", false)]
    public void Weights_lie_beside_the_model(string location, bool isRight)
    {
        Prepare();
        folder.Write("m/weights.bin", "w");
        File.WriteAllBytes(
            folder.At("m/model.onnx"),
            [.. new byte[2_000_000], 0x0a, 8, .. "location"u8, 0x12, (byte)location.Length, .. Encoding.UTF8.GetBytes(location), 0]
        );

        if (isRight)
        {
            Assert.Equal(folder.At("m/model.onnx"), OnnxFiles.Find(folder.At("m"), "model.onnx"));
        }
        else
        {
            Assert.Throws<ServerlessException>(() => OnnxFiles.Find(folder.At("m"), "model.onnx"));
        }
    }

    private void Prepare()
    {
        folder.Write("secret", "s");
        folder.Write("m/model.onnx", "not a model");
        folder.Write("m/sub/x", "x");
        File.CreateSymbolicLink(folder.At("m/link"), folder.At("secret"));
        Directory.CreateSymbolicLink(folder.At("m/linked"), folder.At("."));
        using var made = Process.Start("mkfifo", [folder.At("m/pipe")]);
        made.WaitForExit();
    }
}
